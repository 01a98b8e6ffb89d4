using System.Collections.Concurrent;
using System.Diagnostics;
using MLNetMeta.Distributed.Errors;
using MLNetMeta.Distributed.Grains;
using MLNetMeta.Distributed.Telemetry;

namespace MLNetMeta.Distributed.Driver;

/// <summary>Asks partitions, and asks another silo where one is slow or lost. The first answer wins; no wait is without an end.</summary>
internal sealed class PartitionClient(IClusterClient client, OrleansOptions options, CancellationToken cancellation) : IPartitions
{
    private const int RememberedAnswers = 64;
    private const int Slack = 10;
    private const int MostReplicas = 8;
    private static readonly TimeSpan _leastLimit = TimeSpan.FromSeconds(2);
    // What a lost silo was told is not answered; saying it again does no harm.
    private static readonly TimeSpan _tellLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _betweenFailures = TimeSpan.FromMilliseconds(100);

    private readonly Queue<TimeSpan> _answers = [];

    // The replica of a partition that answered last is asked first.
    private readonly ConcurrentDictionary<int, int> _preferred = [];

    public async Task<T> Ask<T>(int partition, Func<IPartition, Task<T>> ask)
    {
        var clock = Stopwatch.StartNew();
        var running = new List<(Task<T> Answer, int Replica)>();
        var first = _preferred.GetValueOrDefault(partition);
        Exception last = ClusterThrow.NoAnswer();
        for (var replica = 0; clock.Elapsed < options.LostAfter;)
        {
            cancellation.ThrowIfCancellationRequested();
            if (running.Count == 0 || running.Count < MostReplicas && replica <= clock.Elapsed / Limit())
            {
                // A replica is another activation, which may be on another silo, and reads the same rows.
                if (replica > 0)
                {
                    ClusterTelemetry.RepeatedRequests.Add(1, new KeyValuePair<string, object?>("reason", "slow"));
                }

                var number = (first + replica++) % MostReplicas;
                running.Add((ask(client.GetGrain<IPartitionGrain>($"{partition}/{number}")).WaitAsync(cancellation), number));
            }

            var wait = Limit() * replica - clock.Elapsed;
            await Task.WhenAny(
                [.. running.Select(of => of.Answer), Task.Delay(Least(wait, options.LostAfter - clock.Elapsed), cancellation)]);
            foreach (var ended in running.Where(of => of.Answer.IsCompleted).ToArray())
            {
                running.Remove(ended);
                try
                {
                    var answer = await ended.Answer;
                    _preferred[partition] = ended.Replica;
                    Remember(clock.Elapsed);
                    return answer;
                }
                catch (Exception failure) when (failure is not OperationCanceledException && !IsFinal(failure))
                {
                    // A silo that was lost, or is not there yet: the same partition is soon somewhere else.
                    (last, replica) = (failure, Math.Max(replica - 1, 0));
                    ClusterTelemetry.RepeatedRequests.Add(1, new KeyValuePair<string, object?>("reason", "failed"));
                    await Task.Delay(_betweenFailures, cancellation);
                }
            }
        }

        throw ClusterThrow.ClusterLost(partition, options.LostAfter, last);
    }

    // The grain may have been on a silo that was lost.
    public async Task Tell(Guid job, Func<IJob, Task> tell)
    {
        var grain = client.GetGrain<IJobGrain>(job);
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await tell(grain).WaitAsync(_tellLimit, cancellation);
                return;
            }
            catch (Exception failure) when (failure is not OperationCanceledException && clock.Elapsed < options.LostAfter)
            {
                await Task.Delay(_betweenFailures, cancellation);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                throw ClusterThrow.ClusterLost(0, options.LostAfter, failure);
            }
        }
    }

    public void Forget(Guid job)
    {
        // Silos forget a job when others come.
    }

    public void Dispose()
    {
        // The client is the caller's.
    }

    // What a partition says of itself holds wherever it is; what derives from it, such as ObjectDisposedException, is a silo that ends.
    private static bool IsFinal(Exception failure) => failure.GetType() == typeof(InvalidOperationException);

    private static TimeSpan Least(TimeSpan wait, TimeSpan left) =>
        TimeSpan.FromTicks(Math.Max(Math.Min(wait.Ticks, left.Ticks), TimeSpan.TicksPerMillisecond));

    private TimeSpan Limit()
    {
        lock (_answers)
        {
            return _answers.Count < RememberedAnswers / 4
                ? options.FirstLimit
                : TimeSpan.FromTicks(Math.Max(_leastLimit.Ticks, Slack * _answers.Order().ElementAt(_answers.Count / 2).Ticks));
        }
    }

    private void Remember(TimeSpan answer)
    {
        ClusterTelemetry.RequestDuration.Record(answer.TotalSeconds);
        lock (_answers)
        {
            _answers.Enqueue(answer);
            if (_answers.Count > RememberedAnswers)
            {
                _answers.Dequeue();
            }
        }
    }
}
