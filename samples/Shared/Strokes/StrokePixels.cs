using System.Numerics;

namespace MLNetMeta.Samples;

/// <summary>
/// Converts strokes to features: square images, row by row, ink 1 and paper 0, moved and scaled to fill the square. It computes the same as
/// <c>BrowserDraw/pixels.mjs</c>.
/// </summary>
internal static class StrokePixels
{
    private const int Margin = 1;

    public static float[] Draw(IReadOnlyList<Vector2[]> strokes, int side)
    {
        var corner = strokes.SelectMany(s => s).Aggregate(Vector2.Min);
        var extent = strokes.SelectMany(s => s).Aggregate(Vector2.Max) - corner;
        var scale = (side - 1 - (2 * Margin)) / Math.Max(Math.Max(extent.X, extent.Y), float.Epsilon);
        var pixels = new float[side * side];
        foreach (var stroke in strokes)
        {
            for (var i = 0; i < stroke.Length; i++)
            {
                var (from, to) = (stroke[Math.Max(i - 1, 0)], stroke[i]);
                var steps = Math.Max(1, (int)MathF.Ceiling(2 * scale * Vector2.Distance(from, to)));
                for (var step = 0; step <= steps; step++)
                {
                    Ink(pixels, side, new Vector2(Margin) + (scale * (Vector2.Lerp(from, to, (float)step / steps) - corner)));
                }
            }
        }

        return pixels;
    }

    /// <summary>A soft dot: the four pixels around the point share its ink.</summary>
    private static void Ink(float[] pixels, int side, Vector2 point)
    {
        var (left, top) = ((int)point.X, (int)point.Y);
        foreach (var (x, y) in ((int, int)[])[(left, top), (left + 1, top), (left, top + 1), (left + 1, top + 1)])
        {
            if (x < side && y < side)
            {
                ref var pixel = ref pixels[(y * side) + x];
                pixel = Math.Max(pixel, (1 - Math.Abs(point.X - x)) * (1 - Math.Abs(point.Y - y)));
            }
        }
    }
}
