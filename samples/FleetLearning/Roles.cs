namespace MLNetMeta.Samples;

/// <summary>Assigns the users: some to the first meta-training, some to the apps, and new ones to the evaluation.</summary>
/// <param name="First">Rows of the users for the first meta-training.</param>
/// <param name="OfApps">Rows of each app's users.</param>
/// <param name="New">Rows of users that no learner was trained on.</param>
/// <param name="Classes">All classes.</param>
internal sealed record Roles(Activity[] First, Activity[][] OfApps, Activity[] New, string[] Classes)
{
    /// <summary>
    /// A sixth of the users is for the first meta-training, a third for the evaluation. The others are assigned to the apps in turn.
    /// </summary>
    /// <exception cref="SampleException">There are too few users.</exception>
    public static Roles Of(Activity[] rows, int apps, int seed)
    {
        string[] users = [.. rows.Select(row => row.User).Distinct().Order(StringComparer.Ordinal)];
        new Random(seed).Shuffle(users);
        var (first, newcomers) = (Math.Max(users.Length / 6, 3), users.Length / 3);
        var fleet = users[(first + newcomers)..];
        return fleet.Length >= apps
            ? new Roles(
                Rows(users[..first]), [.. Enumerable.Range(0, apps).Select(app => Rows([.. fleet.Where((_, i) => i % apps == app)]))],
                Rows(users[first..(first + newcomers)]), [.. rows.Select(row => row.Class).Distinct().Order(StringComparer.Ordinal)])
            : throw new SampleException($"{users.Length} users are too few for {apps} apps: each app needs its own user.");

        Activity[] Rows(string[] of) => [.. rows.Where(row => of.Contains(row.User))];
    }
}
