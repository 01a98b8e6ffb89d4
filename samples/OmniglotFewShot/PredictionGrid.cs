using SkiaSharp;

namespace MLNetMeta.Samples;

/// <summary>
/// A picture of one task, with one column per character. The support drawings are at the top. Below are the queries, in a green frame if
/// predicted correctly and a red frame otherwise.
/// </summary>
internal static class PredictionGrid
{
    private const int Cell = 96, Gap = 14, Frame = 4, Text = 16, Separator = 10;

    private static readonly SKColor _right = new(0x2e, 0x9e, 0x4f), _wrong = new(0xd0, 0x3a, 0x3a), _neutral = new(0x99, 0x99, 0x99);

    /// <param name="path">The PNG file to write.</param>
    /// <param name="support">The drawings that were learned from, one array for each character.</param>
    /// <param name="queries">The query drawings, one array for each character.</param>
    /// <param name="predicted">The index of the character predicted for each query.</param>
    public static void Save(string path, Drawing[][] support, Drawing[][] queries, int[][] predicted)
    {
        var (shots, rows) = (support.Max(s => s.Length), queries.Max(q => q.Length));
        var height = (shots + rows) * (Cell + Gap + Text);
        using var bitmap = new SKBitmap((support.Length * (Cell + Gap)) + Gap, height + Separator + (2 * Gap));
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(SKColors.White);
        for (var character = 0; character < support.Length; character++)
        {
            var left = Gap + (character * (Cell + Gap));
            for (var shot = 0; shot < support[character].Length; shot++)
            {
                Draw(canvas, support[character][shot], left, Top(shot), _neutral, $"learned as {Name(character)}");
            }

            for (var query = 0; query < queries[character].Length; query++)
            {
                var guess = predicted[character][query];
                var top = Top(shots + query) + Separator;
                Draw(
                    canvas, queries[character][query], left, top, guess == character ? _right : _wrong,
                    guess == character ? Name(guess) : $"{Name(guess)}, not {Name(character)}");
            }
        }

        using var line = new SKPaint { Color = _neutral, StrokeWidth = 1 };
        canvas.DrawLine(Gap, Top(shots) - (Gap / 2), bitmap.Width - Gap, Top(shots) - (Gap / 2), line);
        using var stream = File.Create(path);
        bitmap.Encode(stream, SKEncodedImageFormat.Png, 100);

        static int Top(int row) => Gap + (row * (Cell + Gap + Text));
    }

    private static void Draw(SKCanvas canvas, Drawing drawing, int left, int top, SKColor frame, string text)
    {
        using var image = Bitmap(drawing.Features);
        using var border = new SKPaint { Color = frame, Style = SKPaintStyle.Stroke, StrokeWidth = Frame };
        canvas.DrawBitmap(image, new SKRect(left, top, left + Cell, top + Cell));
        canvas.DrawRect(new SKRect(left, top, left + Cell, top + Cell), border);
        using var ink = new SKPaint { Color = frame, IsAntialias = true, TextAlign = SKTextAlign.Center, TextSize = Text - 3 };
        canvas.DrawText(text, left + (Cell / 2), top + Cell + Text, ink);
    }

    private static SKBitmap Bitmap(float[] ink)
    {
        var side = (int)Math.Sqrt(ink.Length);
        var bitmap = new SKBitmap(side, side);
        for (var i = 0; i < ink.Length; i++)
        {
            var grey = (byte)(255 * (1 - Math.Clamp(ink[i], 0, 1)));
            bitmap.SetPixel(i % side, i / side, new SKColor(grey, grey, grey));
        }

        return bitmap;
    }

    private static string Name(int character) => ((char)('A' + character)).ToString();
}
