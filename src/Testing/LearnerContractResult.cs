namespace MLNetMeta.Trainers.Testing;

/// <summary>Whether a law holds for a learner.</summary>
public sealed record LearnerContractResult
{
    internal LearnerContractResult(LearnerLaw law, double error, double allowed, string detail)
    {
        Law = law;
        Error = error;
        Allowed = allowed;
        Detail = detail;
    }

    /// <summary>The law.</summary>
    public LearnerLaw Law { get; }

    /// <summary>What was measured, usually a relative difference; NaN where the check itself failed.</summary>
    public double Error { get; }

    /// <summary>The largest error with which the law holds.</summary>
    public double Allowed { get; }

    /// <summary>Where the largest error was found, with the numbers; or why the check failed.</summary>
    public string Detail { get; }

    /// <summary>Whether the law holds.</summary>
    public bool Holds => Error <= Allowed;

    /// <summary>The result in one line.</summary>
    public override string ToString() => FormattableString.Invariant(
        $"{Law}: {(Holds ? "holds" : "BROKEN")}, error {Error:E1}, allowed {Allowed:E1}; {Detail}");
}
