namespace MLNetMeta.Transforms.Saving;

/// <summary>Columns that exist only inside a saved model, between its stock transformers; dropped at its end.</summary>
internal static class StockNames
{
    public const string Score = "MLNetMeta.Score";
    public const string LowerBound = "MLNetMeta.LowerBound";
    public const string UpperBound = "MLNetMeta.UpperBound";
    public const string LowerValue = "MLNetMeta.LowerValue";
    public const string UpperValue = "MLNetMeta.UpperValue";
    public const string Probability = "MLNetMeta.Probability";
    public const string ProbabilityValue = "MLNetMeta.ProbabilityValue";
    public const string Answer = "MLNetMeta.Answer";
    public const string AnswerValue = "MLNetMeta.AnswerValue";
    public const string Slot = "MLNetMeta.Slot";
    public const string Key = "MLNetMeta.Key";
    public const string Value = "MLNetMeta.Value";
    public const string FileName = "MLNetMeta.FileName";
    public const string LearnerFile = "MLNetMeta.LearnerFile";
    public const string ModelFile = "MLNetMeta.ModelFile";
}
