using System.Numerics;

namespace MLNetMeta.Samples;

/// <summary>
/// A generated character: a few curved strokes through random points. Every drawing of it differs, as if drawn by an unsteady hand.
/// </summary>
/// <remarks>Coordinates run from 0 to 1, to the right and down; a drawing may leave that square a little.</remarks>
internal sealed class StrokeCharacter
{
    private const int MostStrokes = 3, FewestPoints = 3, MostPoints = 4, StepsBetweenPoints = 8;
    private const float Reach = 0.4f, PointJitter = 0.05f, StrokeJitter = 0.04f, Turn = 0.12f, Slant = 0.12f, Stretch = 0.1f;

    private readonly Vector2[][] _strokes;

    private StrokeCharacter(Vector2[][] strokes) => _strokes = strokes;

    /// <summary>Generates a new random character.</summary>
    public static StrokeCharacter Invent(Random random) => new(
        [.. Enumerable.Range(0, random.Next(1, MostStrokes + 1)).Select(_ =>
            Points(random, random.Next(FewestPoints, MostPoints + 1)))]);

    /// <summary>One drawing: for each stroke, the points that the pen passes.</summary>
    public Vector2[][] Draw(Random random)
    {
        var (turn, slant, stretch) = (Turn * Normal(random), Slant * Normal(random), MathF.Exp(Stretch * Normal(random)));
        var hand = new Matrix3x2(stretch, 0, slant, 1 / stretch, 0, 0) * Matrix3x2.CreateRotation(turn);
        return [.. _strokes.Select(stroke =>
        {
            var shift = StrokeJitter * Wobble(random);
            return Curve([.. stroke.Select(point => Vector2.Transform(point + shift + (PointJitter * Wobble(random)), hand))]);
        })];
    }

    /// <summary>Random points, each well away from the previous one, so that a stroke does not look like a dot.</summary>
    private static Vector2[] Points(Random random, int count)
    {
        var points = new List<Vector2>();
        while (points.Count < count)
        {
            var point = new Vector2(random.NextSingle(), random.NextSingle());
            if (points.Count == 0 || Vector2.Distance(points[^1], point) >= Reach)
            {
                points.Add(point);
            }
        }

        return [.. points];
    }

    /// <summary>A Catmull-Rom spline: a smooth curve through the points.</summary>
    private static Vector2[] Curve(Vector2[] points)
    {
        var curve = new List<Vector2> { points[0] };
        for (var i = 0; i + 1 < points.Length; i++)
        {
            var (before, from, to, after) = (
                points[Math.Max(i - 1, 0)], points[i], points[i + 1], points[Math.Min(i + 2, points.Length - 1)]);
            for (var step = 1; step <= StepsBetweenPoints; step++)
            {
                var t = (float)step / StepsBetweenPoints;
                curve.Add(
                    0.5f * (
                        (2 * from) + (t * (to - before)) + (t * t * ((2 * before) - (5 * from) + (4 * to) - after))
                            + (t * t * t * ((3 * (from - to)) + after - before))));
            }
        }

        return [.. curve];
    }

    private static Vector2 Wobble(Random random) => new(Normal(random), Normal(random));

    private static float Normal(Random random) =>
        MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle())) * MathF.Cos(2 * MathF.PI * random.NextSingle());
}
