// What the README's programs take for granted: rows to learn from. build/test-packages compiles it beside them.
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

internal static class ReadmeData
{
    private static readonly MLContext _ml = new(1);
    private static readonly Random _random = new(1);

    /// <summary>Measurements of many machines.</summary>
    public static IDataView History { get; } = _ml.Data.LoadFromEnumerable(Machines(60, 20));

    /// <summary>The first rows of a new machine.</summary>
    public static IDataView Support { get; } = Featurized(Machines(1, 10));

    public static IDataView Queries { get; } = Featurized(Machines(1, 30));

    /// <summary>Drawings of letters, as a few numbers each.</summary>
    public static IDataView Letters { get; } = _ml.Data.LoadFromEnumerable(Drawings("A", 40));

    public static IDataView OtherLetters { get; } = _ml.Data.LoadFromEnumerable(Drawings("B", 10));

    /// <summary>The measurements as machines.csv.</summary>
    public static void WriteCsv() => File.WriteAllLines("machines.csv", Machines(60, 20)
        .Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.Machine},{row.Temperature:F3},{row.Pressure:F3},{row.Label:F3}"))
        .Prepend("Machine,Temperature,Pressure,Label"));

    private static IDataView Featurized(Row[] rows)
    {
        var view = _ml.Data.LoadFromEnumerable(rows);
        return _ml.Transforms.Concatenate("Features", nameof(Row.Temperature), nameof(Row.Pressure)).Fit(view).Transform(view);
    }

    private static Row[] Machines(int count, int rows) => [.. Enumerable.Range(0, count).SelectMany(machine =>
    {
        var (slope, height) = (_random.NextSingle(), 3 * _random.NextSingle());
        return Enumerable.Range(0, rows).Select(_ =>
        {
            var (temperature, pressure) = (_random.NextSingle(), _random.NextSingle());
            return new Row($"machine {machine}", temperature, pressure, height + slope * temperature - pressure * pressure);
        });
    })];

    private static Drawing[] Drawings(string alphabet, int letters) => [.. Enumerable.Range(0, letters).SelectMany(letter =>
    {
        float[] centre = [.. Enumerable.Range(0, 8).Select(_ => 4 * _random.NextSingle())];
        return Enumerable.Range(0, 20).Select(_ => new Drawing($"{alphabet}{letter}", [.. centre.Select(x => x + _random.NextSingle())]));
    })];

    internal sealed record Row(string Machine, float Temperature, float Pressure, float Label);

    internal sealed record Drawing(string Label, [property: VectorType(8)] float[] Features);
}
