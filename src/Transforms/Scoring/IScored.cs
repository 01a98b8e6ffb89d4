namespace MLNetMeta.Transforms.Scoring;

/// <summary>A row, or the current row of a cursor, with the learner's outputs.</summary>
internal interface IScored
{
    /// <summary>The learner's outputs for the row at hand.</summary>
    ReadOnlySpan<float> Scores { get; }

    /// <summary>The half-widths of its prediction intervals; only of a learner that has them.</summary>
    ReadOnlySpan<float> HalfWidths { get; }
}
