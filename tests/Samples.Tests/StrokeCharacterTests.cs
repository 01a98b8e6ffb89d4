using Xunit;

namespace MLNetMeta.Samples.Tests;

public sealed class StrokeCharacterTests
{
    private const int Side = 28, Margin = 1;

    // Below this, ink is a rounding error of the pen's place.
    private const float Trace = 1e-3f;

    [Fact]
    public void Draw_UnderASeed_GivesTheSameDrawings()
    {
        Assert.Equal(Drawing(seed: 3, hand: 4), Drawing(seed: 3, hand: 4));
        Assert.NotEqual(Drawing(seed: 3, hand: 4), Drawing(seed: 3, hand: 5));
        Assert.NotEqual(Drawing(seed: 3, hand: 4), Drawing(seed: 2, hand: 4));
    }

    [Fact]
    public void Draw_OfAnyCharacter_FillsTheSquareUpToItsMargin()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var pixels = Drawing(seed, hand: 1);
            Assert.All(pixels, ink => Assert.InRange(ink, 0f, 1f));
            int[] inked = [.. Enumerable.Range(0, pixels.Length).Where(i => pixels[i] > Trace)];
            var (columns, rows) = (inked.Select(i => i % Side).ToArray(), inked.Select(i => i / Side).ToArray());
            Assert.Equal(Margin, Math.Min(columns.Min(), rows.Min()));
            Assert.Equal(Side - 1 - Margin, Math.Max(columns.Max(), rows.Max()));
        }
    }

    [Fact]
    public void Draw_OfOneCharacter_IsMoreAlikeThanOfTwo()
    {
        const int characters = 100;
        var (same, other) = (0.0, 0.0);
        for (var seed = 0; seed < characters; seed++)
        {
            same += Distance(Drawing(seed, hand: 1), Drawing(seed, hand: 2)) / characters;
            other += Distance(Drawing(seed, hand: 1), Drawing(seed + 1, hand: 2)) / characters;
        }

        Assert.True(same < 0.95 * other, $"Mean distances are {same} and {other}.");
    }

    [Fact]
    public void Draw_OfARightAngle_PutsItsInkWhereThePenWent()
    {
        // Down the left edge, then to the right along the bottom.
        var pixels = StrokePixels.Draw([[new(2, 1), new(2, 5), new(6, 5)]], side: 7);
        for (var y = 0; y < 7; y++)
        {
            for (var x = 0; x < 7; x++)
            {
                Assert.Equal((x == 1 && y is >= 1 and <= 5) || (y == 5 && x is >= 1 and <= 5) ? 1 : 0, pixels[(7 * y) + x]);
            }
        }
    }

    private static float[] Drawing(int seed, int hand) =>
        StrokePixels.Draw(StrokeCharacter.Invent(new Random(seed)).Draw(new Random(hand)), Side);

    private static double Distance(float[] a, float[] b) => Math.Sqrt(a.Zip(b, (x, y) => (x - y) * (x - y)).Sum());
}
