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
        var (training, validation) = OfTasks(data.Groups.Length, fraction, random);
        return new TaskSplit(
            new TaskSource(data, training, support, queryRows), new TaskSource(data, validation, support, queryRows),
            Describe(training.Length, validation.Length));
    }

    /// <summary>Which of so many tasks to train on, and which to validate on.</summary>
    public static (int[] Training, int[] Validation) OfTasks(int tasks, double fraction, Random random)
    {
        var order = random.WithoutReplacement([.. Enumerable.Range(0, tasks)], tasks);
        var held = Math.Clamp((int)Math.Round(fraction * order.Length), 1, order.Length - 1);
        return (order[held..], order[..held]);
    }

    /// <summary>How many tasks are held out, for the log.</summary>
    public static string Describe(int training, int validation) => $"{training} tasks to train, {validation} to validate";

    /// <summary>
    /// Classes of episodes: whole classes are held out, or rows of every class where too few classes would be left for an episode.
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

    /// <summary>
    /// The same for a search, whose learner is trained on all classes afterwards: where a share is fewer classes than an episode has, a
    /// quarter of them is held out, and validation episodes have fewer classes. New classes say what will become of new classes, which
    /// other rows of the same ones do not.
    /// </summary>
    public static TaskSplit OfNewClasses(TaskData data, double fraction, int ways, RowRange shots, int queryRows, Random random)
    {
        var held = Math.Max((int)Math.Round(fraction * data.Groups.Length), data.Groups.Length / 4);
        if (held >= ways || held < FewestNewClasses || data.Groups.Length - held < ways)
        {
            return OfClasses(data, fraction, ways, shots, queryRows, random);
        }

        var order = random.WithoutReplacement([.. Enumerable.Range(0, data.Groups.Length)], data.Groups.Length);
        return new TaskSplit(
            new ClassSource(data, order[held..], ways, shots, queryRows), new ClassSource(data, order[..held], held, shots, queryRows),
            $"{order.Length - held} classes to train, {held} to validate, all at a time");
    }
}
