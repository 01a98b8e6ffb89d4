using System.Diagnostics;
using Microsoft.ML;
using MLNetMeta.Distributed.Errors;
using MLNetMeta.Distributed.Telemetry;
using MLNetMeta.Trainers.Estimators;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Trainers.Training;

namespace MLNetMeta.Distributed.Grains;

/// <summary>A partition in this process: its rows, and what is computed of them. It is asked one request at a time.</summary>
internal sealed class Partition(int number, IPartitionSource source, SiloJobs jobs, SiloWorkers workers, PartitionMemory memory)
    : IPartition
{
    // In the form of the source (for some columns), or in that of a job (for its Rows).
    private readonly PartitionMemory.Rows _rows = new();

    public Task<int> Partitions() => Task.FromResult(source.Partitions);

    public Task<SourceColumn[]> Columns() => Named(() => Task.Run(
        () => PartitionRows.Columns(source.Read(new MLContext(), number, CancellationToken.None))));

    public async Task<PartitionFacts> Describe(ColumnNames columns)
    {
        var data = await Named(() => memory.Use(_rows, columns, () => Read(columns)));
        try
        {
            return await workers.Run(() => PartitionFacts.Of(data));
        }
        finally
        {
            memory.Release(_rows);
        }
    }

    public async Task<BlockAnswer[]?> Compute(PartitionRequest request, bool withGradient)
    {
        using var job = await jobs.Find(request.Job);
        if (job is null || await job.Value.Theta(request.Version) is not { } theta)
        {
            return null;
        }

        return await Answer(job.Value.Definition, request, (_, draw) => request.Blocks.Select(block => workers.RunTasks(
            (TaskUse)request.Use, block.Tasks.Length, () => Compute(job.Value, theta, draw, block, withGradient))));
    }

    public async Task<CertaintyAnswer[]?> Measure(PartitionRequest request)
    {
        using var job = await jobs.Find(request.Job);
        using var learner = job is null ? null : await job.Value.Learner(request.Version);
        if (learner is null)
        {
            return null;
        }

        return await Answer(job!.Value.Definition, request, (data, draw) =>
            from block in request.Blocks
            from place in Enumerable.Range(0, block.Tasks.Length)
            select workers.RunTasks((TaskUse)request.Use, 1, () =>
            {
                var meter = new CertaintyMeter(new MLContext(), data, learner.Value, CancellationToken.None);
                var episode = draw.Episode(block, place);
                return data.IsClassification
                    ? CertaintyAnswer.Of(block.First + place, meter.OfClasses(episode))
                    : CertaintyAnswer.Of(block.First + place, meter.OfNumbers(episode));
            }));
    }

    /// <summary>Gives back the memory of the rows.</summary>
    public void Leave() => memory.Remove(_rows);

    private static BlockAnswer Compute(SiloJob job, float[] theta, PartitionDraw draw, TaskBlock block, bool withGradient)
    {
        var answer = new BlockAnswer { First = block.First, Tasks = block.Tasks.Length };
        var rows = draw.Rows(block);
        try
        {
            if (!withGradient)
            {
                var validation = job.Sessions.Validate(theta, rows, CancellationToken.None);
                return answer with { Loss = validation.Loss, Errors = validation.Errors };
            }

            var of = job.Sessions.Contribute(theta, rows, CancellationToken.None);
            return answer with
            {
                Gradient = of.Gradient, Loss = of.EvaluationLoss, FreeResidual = of.FreeResidual, NudgedResidual = of.NudgedResidual,
            };
        }
        catch (DivergenceException failure)
        {
            return answer with { Divergence = failure.Message };
        }
    }

    /// <summary>Computes on rows as the job takes them.</summary>
    private async Task<T[]> Answer<T>(
        JobDefinition job, PartitionRequest request, Func<TaskData, PartitionDraw, IEnumerable<Task<T>>> compute)
    {
        using var activity = ClusterTelemetry.Activities.StartActivity("mlnetmeta.partition.compute");
        activity?.SetTag("partition", number).SetTag("step", request.Step).SetTag("blocks", request.Blocks.Length);
        var data = await Named(() => memory.Use(_rows, job.Rows, () => Prepare(job)));
        try
        {
            return await Task.WhenAll(compute(data, new PartitionDraw(job, data, request)));
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
        activity?.SetTag("partition", number);
        var clock = Stopwatch.StartNew();
        var data = PartitionRows.Read(source, number, columns);
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
            throw ClusterThrow.PartitionFailed(number, failure.Message);
        }
    }
}
