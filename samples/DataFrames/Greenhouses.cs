using Microsoft.Data.Analysis;

namespace MLNetMeta.Samples;

/// <summary>
/// Generated greenhouses: the humidity that each reaches at a temperature and an opening of its roof. Each greenhouse is a task.
/// </summary>
internal static class Greenhouses
{
    /// <summary>One row per measurement, with the columns House, Temperature, Opening and Humidity.</summary>
    public static DataFrame Measure(int houses, int measurements, int seed)
    {
        var random = new Random(seed);
        var rows = Enumerable.Range(1, houses).SelectMany(number =>
        {
            var (wetness, tightness) = (40 + (30 * random.NextSingle()), 1 + (2 * random.NextSingle()));
            return Enumerable.Range(0, measurements).Select(_ =>
            {
                var (temperature, opening) = (15 + (20 * random.NextSingle()), random.NextSingle());
                var humidity = wetness + (tightness * (25 - temperature)) - (30 * opening * opening / tightness);
                return (House: $"house {seed}-{number}", temperature, opening, humidity);
            });
        }).ToArray();
        return new DataFrame(
            new StringDataFrameColumn("House", rows.Select(row => row.House)),
            new SingleDataFrameColumn("Temperature", rows.Select(row => row.temperature)),
            new SingleDataFrameColumn("Opening", rows.Select(row => row.opening)),
            new SingleDataFrameColumn("Humidity", rows.Select(row => row.humidity)));
    }
}
