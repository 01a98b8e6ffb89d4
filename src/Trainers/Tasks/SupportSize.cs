namespace MLNetMeta.Trainers.Tasks;

/// <summary>How many support rows a task has.</summary>
/// <param name="Rows">The number, or the range that it is drawn from.</param>
/// <param name="OfEachClass">Whether that many of each class, or in all.</param>
internal readonly record struct SupportSize(RowRange Rows, bool OfEachClass);
