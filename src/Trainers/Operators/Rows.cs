namespace MLNetMeta.Trainers.Operators;

/// <summary>Labelled rows as the losses see them.</summary>
/// <param name="Features"><c>[.., rows, features]</c>.</param>
/// <param name="Targets"><c>[.., rows, outputs]</c>: values, or one-hot classes.</param>
/// <param name="Weights">
/// <c>[.., rows, 1]</c>: the rows' shares of the loss; they sum to 1 over the rows of a task, and are 0 on padding. Where targets may be
/// missing <c>[.., rows, outputs]</c>: the targets' shares, 0 on missing ones too.</param>
internal readonly record struct Rows<V>(V Features, V Targets, V Weights);
