namespace MLNetMeta.Trainers;

/// <summary>Labelled rows of one or more tasks, as losses take them.</summary>
/// <param name="Features"><c>[.., rows, features]</c>, or what <see cref="ILearner.Encode"/> made of them.</param>
/// <param name="Targets"><c>[.., rows, outputs]</c>: values, or one-hot classes.</param>
/// <param name="Weights">
/// <c>[.., rows, 1]</c>: the rows' shares of the loss; they sum to 1 over the rows of a task, and are 0 on padding. Where targets may be
/// missing <c>[.., rows, outputs]</c>: the targets' shares, 0 on missing ones too.</param>
/// <typeparam name="V">A value of the backend.</typeparam>
public readonly record struct Rows<V>(V Features, V Targets, V Weights);
