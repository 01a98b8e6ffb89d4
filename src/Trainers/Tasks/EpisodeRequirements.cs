using MLNetMeta.Trainers.Errors;

namespace MLNetMeta.Trainers.Tasks;

/// <summary>Leaves out tasks and classes that have too few rows for an episode, and refuses data of which too little is left.</summary>
internal static class EpisodeRequirements
{
    /// <summary>Fewest rows of a task: one for each side.</summary>
    public const int FewestRows = 2;

    /// <summary>Fewest tasks: one to train on, one to validate on.</summary>
    public const int FewestTasks = 2;

    /// <summary>The tasks with a row for each side.</summary>
    /// <param name="data">All rows.</param>
    /// <param name="minimum">Fewest tasks.</param>
    /// <exception cref="InvalidOperationException">Too few tasks are left, or all rows have one label.</exception>
    public static TaskData Tasks(TaskData data, int minimum)
    {
        var usable = data.WithGroupsOf(FewestRows);
        if (usable.Groups.Length < minimum)
        {
            throw TrainerThrow.TooFewTasks(usable.Groups.Length, minimum, usable.LeftOut);
        }

        return usable.IsClassification && usable.Classes.Distinct().Take(2).Count() < 2
            ? throw TrainerThrow.OneClass(usable.ClassNames[usable.Classes[0]])
            : usable;
    }

    /// <summary>The classes with enough rows for the support and one for the query.</summary>
    /// <exception cref="InvalidOperationException">Too few classes are left.</exception>
    public static TaskData Classes(TaskData data, int ways, int shots)
    {
        var usable = data.WithGroupsOf(minimumRows: shots + 1);
        return usable.Groups.Length >= ways
            ? usable
            : throw (data.Groups.Length == 1
                ? TrainerThrow.OneClass(data.GroupNames[0])
                : TrainerThrow.TooFewClasses(usable.Groups.Length, ways, shots, usable.LeftOut));
    }
}
