using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using MLNetMeta.Distributed.Errors;
using MLNetMeta.Distributed.Telemetry;
using MLNetMeta.Trainers.Estimators;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Trainers.Training;

namespace MLNetMeta.Distributed.Grains;

/// <summary>See <see cref="IPartitionGrain"/>. A request at a time; reading and computing happen on other threads.</summary>
[PartitionPlacement]
internal sealed class PartitionGrain(IPartitionSource source, SiloJobs jobs, SiloWorkers workers, PartitionMemory memory)
    : Grain, IPartitionGrain
{
    // In the form of the source (for some columns), or in that of a job (for its Rows).
    private readonly PartitionMemory.Rows _rows = new();

    private int Number => int.Parse(this.GetPrimaryKeyString().Split('/')[0], CultureInfo.InvariantCulture);

    public Task<int> Partitions() => Task.FromResult(source.Partitions);

    public Task<SourceColumn[]> Columns() => Named(() => Task.Run(
        () => PartitionRows.Columns(source.Read(new MLContext(), Number, CancellationToken.None))));

    public async Task<PartitionFacts> Describe(ColumnNames columns)
    {
        var data = await Named(() => memory.Use(_rows, columns, () => Read(columns)));
        try
        {
            return await workers.Run(() => new PartitionFacts
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
            });
        }
        finally
        {
            memory.Release(_rows);
        }

        static ColumnSums[] Sums(float[] values, int width) => Array.ConvertAll(Standardizer.Moments(values, width), ColumnSums.Of);
    }

    public async Task<TaskAnswer[]?> Compute(PartitionRequest request, bool withGradient)
    {
        using var job = await jobs.Find(request.Job);
        return job is not null && await job.Value.Theta(request.Version) is { } theta
            ? await Answer(job.Value.Definition, request, (_, draw, task) => Compute(job.Value, theta, draw, task, withGradient))
            : null;
    }

    public async Task<CertaintyAnswer[]?> Measure(PartitionRequest request)
    {
        using var job = await jobs.Find(request.Job);
        using var learner = job is null ? null : await job.Value.Learner(request.Version);
        return learner is not null
            ? await Answer(job!.Value.Definition, request, (data, draw, task) =>
            {
                var meter = new CertaintyMeter(new MLContext(), data, learner.Value, CancellationToken.None);
                return data.IsClassification
                    ? CertaintyAnswer.Of(task.Number, meter.OfClasses(draw.Episode(task)))
                    : CertaintyAnswer.Of(task.Number, meter.OfNumbers(draw.Episode(task)));
            })
            : null;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        memory.Remove(_rows);
        return Task.CompletedTask;
    }

    private static TaskAnswer Compute(SiloJob job, float[] theta, PartitionDraw draw, DrawnTask task, bool withGradient)
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
    }

    /// <summary>Computes every task of a request, on rows as the job takes them.</summary>
    private async Task<T[]> Answer<T>(JobDefinition job, PartitionRequest request, Func<TaskData, PartitionDraw, DrawnTask, T> compute)
    {
        using var activity = ClusterTelemetry.Activities.StartActivity("mlnetmeta.partition.compute");
        activity?.SetTag("partition", Number).SetTag("step", request.Step).SetTag("tasks", request.Tasks.Length);
        var data = await Named(() => memory.Use(_rows, job.Rows, () => Prepare(job)));
        try
        {
            var draw = new PartitionDraw(job, data, request);
            return await Task.WhenAll(request.Tasks.Select(
                task => workers.RunTask((TaskUse)request.Use, () => compute(data, draw, task))));
        }
        finally
        {
            memory.Release(_rows);
        }
    }

    /// <summary>The rows as the source has them.</summary>
    private Task<TaskData> Read(ColumnNames columns) => Task.Run(() =>
    {
        // Waits for a disk more than for a processor.
        using var activity = ClusterTelemetry.Activities.StartActivity("mlnetmeta.partition.read");
        activity?.SetTag("partition", Number);
        var clock = Stopwatch.StartNew();
        var data = PartitionRows.Read(source, Number, columns);
        ClusterTelemetry.ReadDuration.Record(clock.Elapsed.TotalSeconds);
        return data;
    });

    /// <summary>The rows as a job takes them. One form is kept: for the job that asked last, and others on the same rows.</summary>
    private async Task<TaskData> Prepare(JobDefinition job)
    {
        var raw = job.Columns.Equals(_rows.Form) ? _rows.Data! : await Read(job.Columns);
        memory.Remove(_rows); // Changed in place.
        return await workers.Run(() => PartitionRows.Prepare(raw, job));
    }

    private async Task<T> Named<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // The driver gets the message alone: an exception may be of a type that it does not have.
            throw ClusterThrow.PartitionFailed(Number, failure.Message);
        }
    }
}
