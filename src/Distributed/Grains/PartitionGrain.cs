using System.Globalization;
using Microsoft.ML;
using MLNetMeta.Distributed.Errors;
using MLNetMeta.Trainers;
using MLNetMeta.Trainers.Estimators;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Trainers.Training;

namespace MLNetMeta.Distributed.Grains;

/// <summary>See <see cref="IPartitionGrain"/>. A request at a time; reading and computing happen on other threads.</summary>
[PartitionPlacement]
internal sealed class PartitionGrain(IPartitionSource source, SiloJobs jobs, SiloWorkers workers) : Grain, IPartitionGrain
{
    private (ColumnNames Columns, TaskData Data)? _raw;
    private (Guid Rows, TaskData Data)? _prepared;

    private int Number => int.Parse(this.GetPrimaryKeyString().Split('/')[0], CultureInfo.InvariantCulture);

    public Task<int> Partitions() => Task.FromResult(source.Partitions);

    public Task<SourceColumn[]> Columns() =>
        Named(() => PartitionRows.Columns(source.Read(new MLContext(), Number, CancellationToken.None)));

    public async Task<PartitionFacts> Describe(ColumnNames columns)
    {
        var data = await Raw(columns);
        return new PartitionFacts
        {
            Version = typeof(PartitionGrain).Assembly.GetName().Version!.ToString(),
            FeatureCount = data.FeatureCount,
            OutputCount = data.OutputCount,
            IsBinary = data.IsBinary,
            ClassNames = [.. data.ClassNames],
            TaskNames = data.GroupNames,
            TaskRows = Array.ConvertAll(data.Groups, rows => rows.Length),
            Features = Sums(data.Features, data.FeatureCount),
            Targets = columns.IsClassification ? [] : Sums(data.Targets, data.OutputCount),
        };

        static ColumnSums[] Sums(float[] values, int width) => Array.ConvertAll(Standardizer.Moments(values, width), ColumnSums.Of);
    }

    public async Task<TaskAnswer[]?> Compute(PartitionRequest request, bool withGradient)
    {
        if (await jobs.Find(request.Job) is not { } job || await job.Theta(request.Version) is not { } theta)
        {
            return null;
        }

        var draw = new PartitionDraw(job.Definition, await Prepared(job.Definition), request);
        return await Task.WhenAll(request.Tasks.Select(task => workers.Run(() =>
        {
            var rows = draw.Rows(task);
            try
            {
                if (!withGradient)
                {
                    var validation = job.Sessions.Validate(theta, rows, CancellationToken.None);
                    return new TaskAnswer { Number = task.Number, Loss = validation.Loss, Error = validation.Errors[0] };
                }

                var of = job.Sessions.Contribute(theta, rows, CancellationToken.None);
                return new TaskAnswer
                {
                    Number = task.Number,
                    Gradient = of.Gradient,
                    Loss = of.EvaluationLoss,
                    FreeResidual = of.FreeResidual,
                    NudgedResidual = of.NudgedResidual,
                };
            }
            catch (DivergenceException failure)
            {
                return new TaskAnswer { Number = task.Number, Divergence = failure.Message };
            }
        })));
    }

    public async Task<CertaintyAnswer[]?> Measure(PartitionRequest request)
    {
        if (await jobs.Find(request.Job) is not { } job || await job.Learner(request.Version) is not { } learner)
        {
            return null;
        }

        var data = await Prepared(job.Definition);
        var draw = new PartitionDraw(job.Definition, data, request);
        return await Task.WhenAll(request.Tasks.Select(task => workers.Run(() =>
        {
            var meter = new CertaintyMeter(new MLContext(), data, learner, CancellationToken.None);
            return data.IsClassification
                ? CertaintyAnswer.Of(task.Number, meter.OfClasses(draw.Episode(task)))
                : CertaintyAnswer.Of(task.Number, meter.OfNumbers(draw.Episode(task)));
        })));
    }

    /// <summary>The rows as the source has them.</summary>
    private async Task<TaskData> Raw(ColumnNames columns)
    {
        if (_raw is { } known && known.Columns == columns)
        {
            return known.Data;
        }

        var data = await Named(() => PartitionRows.Read(source, Number, columns));
        _raw = (columns, data);
        return data;
    }

    /// <summary>The rows as a job takes them. One copy is kept: for the job that asked last, and others on the same rows.</summary>
    private async Task<TaskData> Prepared(JobDefinition job)
    {
        if (_prepared is { } known && known.Rows == job.Rows)
        {
            return known.Data;
        }

        var raw = await Raw(job.Columns);
        var data = await workers.Run(() => PartitionRows.Prepare(raw, job));
        (_raw, _prepared) = (null, (job.Rows, data));
        return data;
    }

    private async Task<T> Named<T>(Func<T> read)
    {
        try
        {
            return await Task.Run(read); // Waits for a disk more than for a processor.
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // The driver gets the message alone: an exception may be of a type that it does not have.
            throw ClusterThrow.PartitionFailed(Number, failure.Message);
        }
    }
}
