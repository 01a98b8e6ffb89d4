using Xunit;

namespace MLNetMeta.Trainers.Tests.Rules;

public sealed class StencilTests
{
    /// <summary>The weights are sums of few dyadic fractions: exact.</summary>
    private const double Exact = 0;

    public static TheoryData<NudgingStencil> Kinds => [.. Enum.GetValues<NudgingStencil>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Terms_OfEveryKind_AreConsistent(NudgingStencil kind)
    {
        var terms = Stencil.Of(kind).Terms;
        Assert.Equal(0, terms.Sum(t => t.Weight), Exact);
        Assert.Equal(1, terms.Sum(t => t.Node * t.Weight), Exact);
        Assert.Distinct(terms.Select(t => t.Node));
    }

    [Theory]
    [InlineData(NudgingStencil.Forward, 1)]
    [InlineData(NudgingStencil.Symmetric, 0)]
    [InlineData(NudgingStencil.SecondOrder, 0)]
    public void Terms_SecondMoment_VanishesForOrderTwo(NudgingStencil kind, double moment) =>
        Assert.Equal(moment, Stencil.Of(kind).Terms.Sum(t => t.Node * t.Node * t.Weight), Exact);

    [Fact]
    public void Terms_OfSecondOrder_NeedNoNegativeNudging() => Assert.All(Stencil.SecondOrder.Terms, t => Assert.True(t.Node >= 0));
}
