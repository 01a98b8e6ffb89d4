using System.Globalization;

namespace MLNetMeta.Transforms;

/// <summary>
/// Where the learner's classes stand in the Score vector, whose slot k − 1 belongs to key k of the support's label column. Slots of
/// keys that the learner does not know, or that have no support rows, score 0.
/// </summary>
/// <param name="SlotOfClass">Slot of each of the learner's class indices.</param>
/// <param name="Count">Number of slots.</param>
/// <param name="Names">Names of the slots, of the type of the label's key values; null when the label has none.</param>
internal sealed record ClassSlots(int[] SlotOfClass, int Count, ILabelNames? Names)
{
    /// <summary>True when class i stands in slot i and no slot is left over.</summary>
    public bool IsIdentity => Count == SlotOfClass.Length && SlotOfClass.Select((slot, index) => slot == index).All(same => same);

    /// <summary>The name of a slot, or its key in decimal digits when the label has no names.</summary>
    public string Describe(int slot) => Names?.Texts[slot] ?? (slot + 1).ToString(CultureInfo.InvariantCulture);

    /// <summary>The names of all slots, in their order.</summary>
    public IReadOnlyList<string> Describe() => [.. Enumerable.Range(0, Count).Select(Describe)];

    /// <summary>New classes: class i is the i-th smallest key that occurs.</summary>
    public static ClassSlots ForEpisode(IEnumerable<uint> keys, int keyCount, ILabelNames? names) =>
        new([.. keys.Distinct().Order().Select(key => (int)key - 1)], keyCount, names);

    /// <summary>Shared classes, matched by name; classes that the label's names lack get slots after them.</summary>
    public static ClassSlots ForShared(IReadOnlyList<string> classes, ILabelNames names)
    {
        var all = names.Append(classes.Except(names.Texts));
        var slots = new Dictionary<string, int>();
        for (var slot = 0; slot < all.Texts.Count; slot++)
            slots.TryAdd(all.Texts[slot], slot);
        return new([.. classes.Select(name => slots[name])], all.Texts.Count, all);
    }
}
