namespace MLNetMeta.RealTasks.Methods;

/// <summary>
/// What a pooled model can be told of a task: regression, mean and deviation of its labelled targets and the means of their
/// features; classification, a row's distance to the mean of each class.
/// </summary>
internal sealed class SupportStatistics(TaskSet set, Scale scale)
{
    public int Count => set.IsClassification ? scale.Outputs : 2 + set.FeatureCount;

    /// <summary>Numbers of a support: the statistics themselves, or the class means that distances are to.</summary>
    public double[] Of(int[] support)
    {
        if (!set.IsClassification)
        {
            var targets = Array.ConvertAll(support, row => scale.Y(row)[0]);
            var mean = targets.Average();
            return [mean, Math.Sqrt(targets.Average(y => (y - mean) * (y - mean))), .. Means(support)];
        }

        return [.. Enumerable.Range(0, scale.Outputs).SelectMany(c => Means([.. support.Where(row => (int)set.Targets[row] == c)]))];
    }

    /// <summary>The features of a row, and what the support says of it.</summary>
    public float[] Features(int row, double[] of)
    {
        if (!set.IsClassification)
        {
            return [.. set.Features[row], .. of.Select(value => (float)value)];
        }

        var x = scale.X(row);
        var distances = of.Chunk(x.Length).Select(mean => (float)MathNet.Numerics.Distance.SSD(mean, x));
        return [.. set.Features[row], .. distances];
    }

    private double[] Means(int[] rows)
    {
        // A class without rows is nowhere near.
        if (rows.Length == 0)
        {
            return [.. Enumerable.Repeat(double.NaN, set.FeatureCount)];
        }

        var all = Array.ConvertAll(rows, scale.X);
        return [.. Enumerable.Range(0, set.FeatureCount).Select(f => all.Average(x => x[f]))];
    }
}
