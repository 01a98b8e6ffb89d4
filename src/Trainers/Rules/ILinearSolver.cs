using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Rules;

/// <summary>
/// Approximately solves H v = b for every task at once, given products with H; tensors are lists with the task axis first.
/// </summary>
internal interface ILinearSolver
{
    /// <summary>The name that tells the rules apart that use it.</summary>
    string Name { get; }

    /// <summary>The name and the settings, in words.</summary>
    string Describe();

    /// <param name="product">v ↦ H v.</param>
    /// <param name="b">Right-hand side.</param>
    Tensor[] Solve(Func<Tensor[], Tensor[]> product, Tensor[] b);
}
