using System.Globalization;
using System.IO.Compression;
using nietras.SeparatedValues;

namespace MLNetMeta.Samples;

/// <summary>Rows of many users: generated users, or the users of WISDM.</summary>
internal static class Activities
{
    private const int Channels = 12;

    private static readonly string[] _classes = ["cycling", "jogging", "sitting", "stairs", "standing", "walking"];

    /// <summary>
    /// Generates users who carry their phones in different ways. Every sensor channel is scaled and shifted by user, in the same way for
    /// all of the user's activities.
    /// </summary>
    public static Activity[] Invent(int users, int rows, int seed)
    {
        var random = new Random(seed);
        double[] Vector(double deviation) => [.. Enumerable.Range(0, Channels).Select(_ => deviation * random.NextNormal())];
        var centres = _classes.ToDictionary(name => name, _ => Vector(1));
        return [.. Enumerable.Range(1, users).SelectMany(user =>
        {
            var (scale, shift) = (Vector(0.3), Vector(1.5));
            return Enumerable.Range(0, rows).Select(row =>
            {
                var name = _classes[row % _classes.Length];
                return new Activity
                {
                    User = $"user {user}",
                    Class = name,
                    Features =
                    [
                        .. Enumerable.Range(0, Channels).Select(i =>
                            (float)((Math.Exp(scale[i]) * (centres[name][i] + (0.7 * random.NextNormal()))) + shift[i])),
                    ],
                };
            }).ToArray();
        })];
    }

    /// <summary>WISDM 1.1 (Kwapisz, Weiss and Moore, 2010), as CSV with a header; missing values become 0.</summary>
    /// <exception cref="SampleException">The file is not the WISDM file.</exception>
    public static Activity[] ReadWisdm(string path)
    {
        using Stream file = File.OpenRead(path);
        using var stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = Sep.New(',').Reader().From(stream);
        var names = reader.Header.ColNames;
        if (!names.Contains("user") || !names.Contains("class"))
        {
            throw new SampleException($"'{path}' has no columns user and class; its columns are {string.Join(", ", names)}.");
        }

        string[] features = [.. names.Except(["UNIQUE_ID", "user", "class"])];
        var rows = new List<Activity>();
        foreach (var row in reader)
        {
            var values = new float[features.Length];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = row[features[i]].TryParse<float>() ?? 0;
            }

            rows.Add(new Activity { User = row["user"].ToString(), Class = row["class"].ToString(), Features = values });
        }

        return [.. rows];
    }

    /// <summary>Writes rows in the format that the apps read.</summary>
    public static void Write(string path, IReadOnlyList<Activity> rows) => File.WriteAllLines(
        path,
        [
            $"user,class,{string.Join(',', rows[0].Features.Select((_, i) => $"x{i}"))}",
            .. rows.Select(row => string.Create(
                CultureInfo.InvariantCulture, $"{row.User},{row.Class},{string.Join(',', row.Features.Select(Text))}")),
        ]);

    private static string Text(float value) => value.ToString("R", CultureInfo.InvariantCulture);
}
