namespace MLNetMeta.Trainers.Optimizers;

/// <summary>From an optimiser as an option to the rule that it is.</summary>
internal static class UpdateRules
{
    /// <summary>The table of optimisers; a new one is a row here and a file.</summary>
    public static IUpdateRule Rule(this Optimizer optimizer) => optimizer.CustomRule ?? optimizer.Kind switch
    {
        nameof(Optimizer.Adam) => new AdamRule(optimizer.Beta1, optimizer.Beta2, optimizer.Epsilon),
        nameof(Optimizer.Sgd) when optimizer.Momentum > 0 => new MomentumRule(optimizer.Momentum, optimizer.Nesterov),
        nameof(Optimizer.Sgd) => new SgdRule(),
        _ => throw new NotSupportedException($"Unknown optimiser '{optimizer.Kind}'."),
    };
}
