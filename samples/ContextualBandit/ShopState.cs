namespace MLNetMeta.Samples;

/// <summary>A decision that waits for its reward.</summary>
internal sealed record PendingDecision(long Id, float[] Context, int Arm);

/// <summary>The reward of an arm.</summary>
internal sealed record RewardedRow(float[] Context, int Arm, float Reward);

/// <summary>The state of a shop, as stored in its file. Immutable.</summary>
/// <param name="Version">Version of the file's format.</param>
/// <param name="Shop">Name of the shop.</param>
/// <param name="Arms">Names of the arms.</param>
/// <param name="Features">Number of elements of a context.</param>
/// <param name="NextDecision">Number of the next decision.</param>
/// <param name="Rows">Rewarded decisions, oldest first.</param>
/// <param name="Pending">Decisions without a reward, oldest first.</param>
internal sealed record ShopState(
    int Version, string Shop, string[] Arms, int Features, long NextDecision, IReadOnlyList<RewardedRow> Rows,
    IReadOnlyList<PendingDecision> Pending)
{
    /// <summary>Version 1 also stored how many of the rows the model had learned from.</summary>
    public const int CurrentVersion = 2;

    /// <summary>Maximum number of decisions that wait for a reward. The oldest are dropped, because most visitors never answer.</summary>
    private const int MaximumPending = 1000;

    public static ShopState New(string shop, string[] arms, int features) => new(CurrentVersion, shop, arms, features, 1, [], []);

    public ShopState With(PendingDecision decision) => this with
    {
        NextDecision = decision.Id + 1,
        Pending = [.. Pending.Append(decision).TakeLast(MaximumPending)],
    };

    public ShopState Rewarded(PendingDecision decision, float reward) =>
        Observed(new RewardedRow(decision.Context, decision.Arm, reward)) with { Pending = [.. Pending.Where(p => p != decision)] };

    /// <summary>The state with one more row.</summary>
    public ShopState Observed(RewardedRow row) => this with { Rows = [.. Rows.Append(row).TakeLast(DecisionService.MaximumRows)] };
}
