using System.Globalization;
using MLNetMeta.Transforms.Columns;

namespace MLNetMeta.Transforms.Scoring;

/// <summary>
/// Where the learner's classes stand in the Score vector, whose slot k − 1 belongs to key k of the support's label column. Slots of
/// keys that the learner does not know, or that have no support rows, score 0.
/// </summary>
/// <param name="SlotOfClass">Slot of each of the learner's class indices.</param>
/// <param name="Count">Number of slots.</param>
/// <param name="Names">Names of the slots, of the type of the label's key values; null when the label has none.</param>
internal sealed record ClassSlots(int[] SlotOfClass, int Count, ILabelNames? Names)
{
    /// <summary>Shared classes that the label's key values lack.</summary>
    public IReadOnlyList<string> Added { get; private init; } = [];

    /// <summary>True when class i stands in slot i and no slot is left over.</summary>
    public bool IsIdentity => Count == SlotOfClass.Length && SlotOfClass.Select((slot, index) => slot == index).All(same => same);

    /// <summary>The name of a slot, or its key in decimal digits when the label has no names.</summary>
    public string Describe(int slot) => Names?.Texts[slot] ?? (slot + 1).ToString(CultureInfo.InvariantCulture);

    /// <summary>The names of all slots, in their order.</summary>
    public IReadOnlyList<string> Describe() => [.. Enumerable.Range(0, Count).Select(Describe)];

    /// <summary>New classes: class i is the i-th smallest key that occurs.</summary>
    public static ClassSlots ForEpisode(IEnumerable<uint> keys, int keyCount, ILabelNames? names) =>
        new([.. keys.Distinct().Order().Select(key => (int)key - 1)], keyCount, names);

    /// <summary>Shared classes, matched by name; classes that the label's names lack get slots after them. A key without names is called by
    /// its number.</summary>
    /// <returns>Null when keys are to have names and have none.</returns>
    public static ClassSlots? ForShared(IReadOnlyList<string> classes, int keyCount, ILabelNames? names)
    {
        if (names is null)
        {
            int[] numbers = [.. classes.Select(name =>
                int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var key) && key <= LabelledRows.MostKeys
                    ? key - 1
                    : -1)];
            return numbers.Contains(-1) ? null : new(numbers, Math.Max(keyCount, numbers.Max() + 1), null);
        }

        string[] added = [.. classes.Except(names.Texts)];
        var all = names.Append(added);
        var slots = new Dictionary<string, int>();
        for (var slot = 0; slot < all.Texts.Count; slot++)
        {
            slots.TryAdd(all.Texts[slot], slot);
        }

        return new([.. classes.Select(name => slots[name])], all.Texts.Count, all) { Added = added };
    }
}
