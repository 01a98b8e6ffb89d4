namespace MLNetMeta.Samples;

/// <summary>A decision whose reward is not known yet.</summary>
internal sealed record PendingDecision(long Id, float[] Context, int Arm);

/// <summary>What an arm brought.</summary>
internal sealed record RewardedRow(float[] Context, int Arm, float Reward);

/// <summary>All that is known of a shop; immutable, what the state file holds.</summary>
/// <param name="Version">Version of the file's format.</param>
/// <param name="Shop">Name of the shop.</param>
/// <param name="Arms">Names of the arms.</param>
/// <param name="Features">Elements of a context.</param>
/// <param name="NextDecision">Number of the next decision.</param>
/// <param name="Rows">What has been rewarded, oldest first.</param>
/// <param name="AdaptTo">How many of the rows the model learns from: the rest waits until it is worth an adaptation.</param>
/// <param name="Pending">Decisions without a reward, oldest first.</param>
internal sealed record ShopState(
    int Version, string Shop, string[] Arms, int Features, long NextDecision, IReadOnlyList<RewardedRow> Rows, int AdaptTo, IReadOnlyList<PendingDecision> Pending)
{
    public const int CurrentVersion = 1;

    /// <summary>Decisions that may wait for a reward: the oldest are forgotten, since most visitors never answer.</summary>
    private const int MaximumPending = 1000;

    public static ShopState New(string shop, string[] arms, int features) => new(CurrentVersion, shop, arms, features, 1, [], 0, []);

    public IReadOnlyList<RewardedRow> RowsToAdaptTo => [.. Rows.Take(AdaptTo)];

    public ShopState With(PendingDecision decision) => this with
    {
        NextDecision = decision.Id + 1,
        Pending = [.. Pending.Append(decision).TakeLast(MaximumPending)],
    };

    public ShopState Rewarded(PendingDecision decision, float reward) =>
        Observed(new RewardedRow(decision.Context, decision.Arm, reward)) with { Pending = [.. Pending.Where(p => p != decision)] };

    /// <summary>With one more row. The model learns anew when there are 5 % more than it knows: at every reward at first, less often later.</summary>
    public ShopState Observed(RewardedRow row)
    {
        RewardedRow[] rows = [.. Rows, row];
        var due = rows.Length >= AdaptTo * 1.05;
        if (rows.Length > DecisionService.MaximumRows)
        {
            // A tenth goes at once, so that this too is not done for every reward.
            rows = rows[(DecisionService.MaximumRows / 10)..];
            due = true;
        }

        return this with { Rows = rows, AdaptTo = due ? rows.Length : AdaptTo };
    }
}
