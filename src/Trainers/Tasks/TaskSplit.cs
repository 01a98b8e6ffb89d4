namespace MLNetMeta.Trainers.Tasks;

/// <summary>Sources of meta-training and of meta-validation episodes that share no row.</summary>
/// <param name="Training">Episodes to train on.</param>
/// <param name="Validation">Episodes to choose the best θ with.</param>
/// <param name="Description">What was held out, for the log.</param>
internal sealed record TaskSplit(IEpisodeSource Training, IEpisodeSource Validation, string Description)
{
    // Of two there would be a single pair.
    private const int FewestNewClasses = 3;

    /// <summary>Tasks of a task column: whole tasks are held out.</summary>
    public static TaskSplit OfTasks(TaskData data, double fraction, SupportSize support, int queryRows, Random random)
    {
        var order = random.WithoutReplacement([.. Enumerable.Range(0, data.Groups.Length)], data.Groups.Length);
        var held = Math.Clamp((int)Math.Round(fraction * order.Length), 1, order.Length - 1);
        return new TaskSplit(
            new TaskSource(data, order[held..], support, queryRows),
            new TaskSource(data, order[..held], support, queryRows),
            $"{order.Length - held} tasks to train, {held} to validate");
    }

    /// <summary>
    /// Classes of episodes: whole classes are held out. Where they are fewer than an episode has, validation episodes have fewer classes:
    /// classes that are new say what will become of new classes, which other rows of the same ones do not. Where too few classes would be
    /// left for that, rows of every class are held out.
    /// </summary>
    public static TaskSplit OfClasses(TaskData data, double fraction, int ways, RowRange shots, int queryRows, Random random)
    {
        var order = random.WithoutReplacement([.. Enumerable.Range(0, data.Groups.Length)], data.Groups.Length);
        var held = (int)Math.Round(fraction * order.Length);
        if (held >= ways && order.Length - held >= ways)
        {
            return new TaskSplit(
                new ClassSource(data, order[held..], ways, shots, queryRows),
                new ClassSource(data, order[..held], ways, shots, queryRows),
                $"{order.Length - held} classes to train, {held} to validate");
        }

        var fewer = Math.Max(held, order.Length / 4);
        if (fewer >= FewestNewClasses && order.Length - fewer >= ways)
        {
            return new TaskSplit(
                new ClassSource(data, order[fewer..], ways, shots, queryRows),
                new ClassSource(data, order[..fewer], Math.Min(ways, fewer), shots, queryRows),
                $"{order.Length - fewer} classes to train, {fewer} to validate, {Math.Min(ways, fewer)} at a time");
        }

        var shuffled = Array.ConvertAll(data.Groups, group => random.WithoutReplacement(group, group.Length));
        var training = data with { Groups = Array.ConvertAll(shuffled, rows => rows[HeldRows(rows)..]) };
        var validation = data with { Groups = Array.ConvertAll(shuffled, rows => rows[..HeldRows(rows)]) };
        return validation.Groups.All(rows => rows.Length > shots.Minimum)
            ? new TaskSplit(
                new ClassSource(training, order, ways, shots, queryRows),
                new ClassSource(validation, order, ways, shots, queryRows),
                $"{order.Length} classes to train, {fraction:P0} of their rows to validate")
            : new TaskSplit(
                new ClassSource(data, order, ways, shots, queryRows),
                new ClassSource(data, order, ways, shots, queryRows),
                $"{order.Length} classes to train and, for want of more, other episodes of the same rows to validate");

        int HeldRows(int[] rows) => (int)(fraction * rows.Length);
    }
}
