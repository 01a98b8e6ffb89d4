using MLNetMeta.Trainers.Torch;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Rules;

/// <summary>v = α Σₖ (1 − αH)ᵏ b, for k from 0 to <c>Terms</c> − 1.</summary>
/// <param name="Terms">Terms of the series.</param>
/// <param name="StepSize">α.</param>
internal sealed record NeumannSolver(int Terms, double StepSize) : ILinearSolver
{
    public string Name => "implicit, Neumann series";

    public string Describe() => FormattableString.Invariant($"{Name} {Terms} {StepSize}");

    public Tensor[] Solve(Func<Tensor[], Tensor[]> product, Tensor[] b)
    {
        var (term, sum) = (b, b);
        for (var k = 1; k < Terms; k++)
        {
            term = [.. term.Zip(product(term), (t, image) => t.Plus(image, -StepSize))];
            sum = [.. sum.Zip(term, (s, t) => s.Plus(t))];
        }

        return Array.ConvertAll(sum, s => s.Times(StepSize));
    }
}
