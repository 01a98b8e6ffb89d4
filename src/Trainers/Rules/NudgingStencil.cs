namespace MLNetMeta.Trainers;

/// <summary>How the free and the nudged phases are compared: a finite difference in the nudging strength β.</summary>
public enum NudgingStencil
{
    /// <summary>(g(β) − g(0)) / β: one nudged phase, error of order β.</summary>
    Forward,

    /// <summary>(g(β) − g(−β)) / 2β: two nudged phases, error of order β².</summary>
    Symmetric,

    /// <summary>(−1.5 g(0) + 2 g(β) − 0.5 g(2β)) / β: two nudged phases, error of order β², and no negative nudging.</summary>
    SecondOrder,
}
