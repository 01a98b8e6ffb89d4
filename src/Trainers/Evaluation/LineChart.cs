using System.Globalization;
using System.Net;
using System.Text;

namespace MLNetMeta.Trainers.Evaluation;

/// <summary>Lines over one axis as SVG, for the report of a meta-training.</summary>
/// <param name="title">Above the chart.</param>
/// <param name="horizontal">What the horizontal axis shows.</param>
/// <param name="isLogarithmic">Whether the vertical axis is; values must be above 0 then, others are left out.</param>
internal sealed class LineChart(string title, string horizontal, bool isLogarithmic = false)
{
    private const int Width = 640, Height = 300, Left = 64, Right = 16, Top = 34, Bottom = 44, AboutTicks = 5;

    // Okabe and Ito (2008): told apart by the colour-blind too.
    private static readonly string[] _palette = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];

    private readonly List<(string Name, (double X, double Y)[] Points)> _lines = [];

    /// <summary>Adds a line; points that are missing or not finite are left out, and a line without any is not drawn.</summary>
    public LineChart Line(string name, IEnumerable<(double X, double? Y)> points)
    {
        (double X, double Y)[] known =
        [
            .. points.Where(p => p.Y is { } y && double.IsFinite(y) && (!isLogarithmic || y > 0))
                .Select(p => (p.X, isLogarithmic ? Math.Log10(p.Y!.Value) : p.Y!.Value)),
        ];
        if (known.Length > 0)
        {
            _lines.Add((name, known));
        }

        return this;
    }

    /// <summary>The chart; empty where there is no line.</summary>
    public string ToSvg()
    {
        if (_lines.Count == 0)
        {
            return "";
        }

        var (left, right) = Range(_lines.SelectMany(line => line.Points.Select(p => p.X)));
        var (low, high) = Range(_lines.SelectMany(line => line.Points.Select(p => p.Y)));
        // From zero on, unless that would press the lines into a corner.
        low = !isLogarithmic && low > 0 && low < high / 2 ? 0 : low;
        double X(double x) => Left + ((x - left) / (right - left) * (Width - Left - Right));
        double Y(double y) => Height - Bottom - ((y - low) / (high - low) * (Height - Top - Bottom));

        var svg = new StringBuilder();
        Write($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Text(title)}\">");
        Write($"<text class=\"title\" x=\"{Left}\" y=\"18\">{Text(title)}</text>");
        foreach (var (place, value) in isLogarithmic ? Decades(low, high) : Ticks(low, high))
        {
            Write($"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(place):F1}\" y2=\"{Y(place):F1}\"/>");
            Write($"<text class=\"tick\" text-anchor=\"end\" x=\"{Left - 6}\" y=\"{Y(place) + 4:F1}\">{Number(value)}</text>");
        }

        foreach (var (place, value) in Ticks(left, right))
        {
            Write($"<text class=\"tick\" text-anchor=\"middle\" x=\"{X(place):F1}\" y=\"{Height - Bottom + 16}\">{Number(value)}</text>");
        }

        var middle = (Left + Width - Right) / 2;
        Write($"<text class=\"tick\" text-anchor=\"middle\" x=\"{middle}\" y=\"{Height - 8}\">{Text(horizontal)}</text>");
        for (var index = 0; index < _lines.Count; index++)
        {
            var (name, points) = _lines[index];
            var colour = _palette[index % _palette.Length];
            var path = string.Join(' ', points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{X(p.X):F1},{Y(p.Y):F1}")));
            Write($"<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" points=\"{path}\"/>");
            // Beside the title, never over the lines.
            var end = Width - Right - ((_lines.Count - 1 - index) * 120);
            Write($"<text class=\"tick\" text-anchor=\"end\" fill=\"{colour}\" x=\"{end}\" y=\"18\">{Text(name)}</text>");
        }

        Write($"</svg>");
        return svg.ToString();

        void Write(FormattableString markup) => svg.AppendLine(markup.ToString(CultureInfo.InvariantCulture));
    }

    private static (double Low, double High) Range(IEnumerable<double> values)
    {
        var all = values.ToArray();
        var (low, high) = (all.Min(), all.Max());
        return high > low ? (low, high) : (low - 0.5, high + 0.5);
    }

    /// <summary>Multiples of 1, 2 or 5 times a power of ten, about five.</summary>
    private static IEnumerable<(double Place, double Value)> Ticks(double low, double high)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10((high - low) / AboutTicks)));
        var step = power * ((high - low) / AboutTicks / power) switch { < 1.5 => 1, < 3.5 => 2, < 7.5 => 5, _ => 10 };
        return from i in Enumerable.Range(0, 2 * AboutTicks + 2)
               let value = (Math.Ceiling(low / step) + i) * step
               where value <= high + (step * 1e-6)
               select (value, value);
    }

    /// <summary>1, 2 and 5 times the powers of ten, by their logarithms.</summary>
    private static IEnumerable<(double Place, double Value)> Decades(double low, double high) =>
        from decade in Enumerable.Range((int)Math.Floor(low), (int)Math.Ceiling(high) - (int)Math.Floor(low) + 1)
        from factor in (int[])[1, 2, 5]
        let value = factor * Math.Pow(10, decade)
        where Math.Log10(value) >= low - 1e-9 && Math.Log10(value) <= high + 1e-9
        select (Math.Log10(value), value);

    private static string Number(double value) => value.ToString("G3", CultureInfo.InvariantCulture);

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
