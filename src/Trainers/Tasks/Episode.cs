namespace MLNetMeta.Trainers.Tasks;

/// <summary>One task as drawn: which rows to learn from and which to be evaluated on.</summary>
/// <param name="Support">Rows of <see cref="TaskData"/>.</param>
/// <param name="Query">Rows of <see cref="TaskData"/>, none of which is in the support.</param>
/// <param name="SupportClasses">
/// Classification: the class of each support row within the episode, 0 to <paramref name="ClassCount"/> − 1.
/// </param>
/// <param name="QueryClasses">Classification: the class of each query row within the episode.</param>
/// <param name="ClassCount">Number of classes of the episode; 0 for regression.</param>
/// <param name="Task">Name of the task that it is of; null for an episode of classes.</param>
internal sealed record Episode(
    int[] Support, int[] Query, int[] SupportClasses, int[] QueryClasses, int ClassCount, string? Task = null);
