namespace MLNetMeta.Samples;

/// <summary>Who the users are: those of the first meta-training, those of the apps, and new ones to measure on.</summary>
/// <param name="First">Rows of the users whom the learner was first meta-trained on.</param>
/// <param name="OfApps">Rows of each app's users.</param>
/// <param name="New">Rows of users whom nobody has learned from.</param>
/// <param name="Classes">All classes.</param>
internal sealed record Roles(Activity[] First, Activity[][] OfApps, Activity[] New, string[] Classes)
{
    /// <summary>A sixth of the users for the first meta-training, a third to measure on, and the others to the apps in turn.</summary>
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
            : throw new SampleException($"{users.Length} users are too few for {apps} apps: each needs one of its own.");

        Activity[] Rows(string[] of) => [.. rows.Where(row => of.Contains(row.User))];
    }
}
