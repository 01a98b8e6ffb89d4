using Xunit;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests.Training;

/// <summary>The seam under the loop: which tasks, asked by number, and what they add to a meta-step.</summary>
public sealed class ContributorTests
{
    private const string Loss = "squared error of one output";
    private static readonly Phase _phase = new(Optimizer.Sgd(0.01), 4);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(8)]
    public void Shards_OfARange_AreItsTasksInOrder(int size)
    {
        var range = new TaskRange(TaskUse.Training, 5, 2, 7);

        var shards = range.Shards(size);

        Assert.Equal(Enumerable.Range(2, 7), shards.SelectMany(shard => Enumerable.Range(shard.First, shard.Count)));
        Assert.All(shards, shard => Assert.Equal((TaskUse.Training, 5), (shard.Use, shard.Step)));
        Assert.All(shards[..^1], shard => Assert.Equal(size, shard.Count));
    }

    [Fact]
    public void Generator_OfAnyTask_IsItsOwn()
    {
        var first = (from use in Enum.GetValues<TaskUse>()
                     from seed in Enumerable.Range(0, 5)
                     from step in Enumerable.Range(0, 10)
                     from task in Enumerable.Range(0, 20)
                     select new TaskRange(use, step, 0, 20).Generator(seed, task).NextInt64()).ToArray();

        Assert.Equal(first.Length, first.Distinct().Count());
        Assert.Equal(first[0], new TaskRange(TaskUse.Training, 0, 0, 1).Generator(0, 0).NextInt64());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void DrawnEpisodes_InShards_AreThoseOfTheWhole(bool classes)
    {
        var episodes = Drawn(classes);
        var whole = episodes.Of(TaskRange.Training(3, 5));
        var part = episodes.Of(TaskRange.Training(3, 5).Shards(2)[1]);

        Assert.Equal(2, part.FirstTask);
        Assert.Equal(Slice(whole.Support.Features), part.Support.Features.Values);
        Assert.Equal(Slice(whole.Query.Targets), part.Query.Targets.Values);
        Assert.NotEqual(whole.Support.Features.Values, episodes.Of(TaskRange.Training(4, 5)).Support.Features.Values);

        static float[] Slice(HostTensor all) => all.Values.Chunk(all.Values.Length / 5).Skip(2).Take(2).SelectMany(task => task).ToArray();
    }

    [Fact]
    public void DrawnEpisodes_OfValidation_AreOfTheTasksHeldOut()
    {
        var data = Data(classes: false);
        var split = TaskSplit.OfTasks(data, 0.25, new(3, OfEachClass: false), 3, new Random(1));
        var episodes = new DrawnEpisodes(data, split, 1);
        // Feature 0 of a row is the number of its task.
        HashSet<float> Tasks(TaskRange range) => [.. episodes.Of(range).Support.Features.Values];

        var validation = Tasks(TaskRange.Validation(40));
        Assert.Equal(2, validation.Count);
        Assert.Empty(validation.Intersect(Tasks(TaskRange.Training(0, 40))));
        Assert.Empty(validation.Intersect(Tasks(TaskRange.Pilot(40))));
    }

    [Fact]
    public void Validate_OnAnyNumberOfWorkers_IsTheSameToTheBitAndTheSumOverTasks()
    {
        var learner = Zoo.Create("DualSystem, learned λ", Loss);
        using var drawn = Zoo.Theta(learner);
        var theta = drawn.ToVector();
        using var batch64 = Zoo.Tasks(Loss, tasks: 7);
        using var batch = batch64.To(ScalarType.Float32);
        using var engine = new TorchEngine(
            learner, new ContrastiveRule(Stencil.Symmetric, 0.1, _phase, _phase), _phase, new FixedEpisodes(batch));
        var alone = TaskRange.Validation(7).Shards(1).Select(task => engine.Validate(theta, task)).ToArray();

        var one = new ShardedContributor(engine, 2, workers: 1).Validate(theta, TaskRange.Validation(7));

        Assert.Equal(alone.Sum(task => task.Loss), one.Loss, 1e-5);
        Assert.Equal(alone.Select(task => task.Errors.Single()), one.Errors, (a, b) => Math.Abs(a - b) < 1e-5);
        // Squared error of one standardised target is loss and error alike.
        Assert.Equal(one.Loss, one.Errors.Sum(error => (double)error), 1e-4);
        foreach (var workers in (int[])[2, 3, 16])
        {
            var many = new ShardedContributor(engine, 2, workers).Validate(theta, TaskRange.Validation(7));
            Assert.Equal(one.Loss, many.Loss);
            Assert.Equal(one.Errors, many.Errors);
        }

        // The rule's own loss of the free phase is that of validation.
        var contribution = engine.Contribute(theta, TaskRange.Training(0, 7));
        Assert.Equal(contribution.EvaluationLoss, one.Loss, 1e-5);
    }

    [Fact]
    public void Sum_OfContributions_AddsThemAndKeepsTheLargestResiduals()
    {
        Contribution[] parts = [new([1, 2], 2, 3, 0.5, 0.1), new([10, 20], 3, 4.5, 0.25, 0.75), new([-1, 0], 1, 0.5, 0.125, 0)];

        var sum = Contribution.Sum(parts);

        Assert.Equal([10, 22], sum.Gradient);
        Assert.Equal((6, 8.0, 0.5, 0.75), (sum.Tasks, sum.EvaluationLoss, sum.FreeResidual, sum.NudgedResidual));
        Assert.Equal(8.0 / 6, sum.MeanLoss);
        Assert.Equal([10f / 6, 22f / 6], sum.MeanGradient(), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal([1, 2], parts[0].Gradient);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(16, 4)]
    public void Contribute_OnSomeWorkers_UsesNoMoreThreadsThanThatNorThanShards(int workers, int most)
    {
        using var each = new Watched();
        using var sharded = new ShardedContributor(each, 2, workers);

        Assert.Equal(7, sharded.Contribute([0], TaskRange.Training(3, 7)).Tasks);
        Assert.Equal(7, sharded.Validate([0], TaskRange.Validation(7)).Errors.Length);

        Assert.InRange(each.MostAtOnce, 1, most);
        Assert.Equal(8, each.Asked.Count);
        Assert.Equal([2, 2, 2, 1], each.Asked.Where(range => range.Use == TaskUse.Training).OrderBy(r => r.First).Select(r => r.Count));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Contribute_WhereAShardFails_FailsAsThatShard(int workers)
    {
        using var each = new Watched { FailsAt = 4 };
        using var sharded = new ShardedContributor(each, 2, workers);
        Assert.Equal(
            "task 4 is too steep.",
            Assert.Throws<DivergenceException>(() => sharded.Contribute([0], TaskRange.Training(0, 7))).Message);
        Assert.Equal(
            "task 4 is too steep.",
            Assert.Throws<DivergenceException>(() => sharded.Validate([0], TaskRange.Validation(7))).Message);
    }

    [Fact]
    public void Contribute_Cancelled_AsksForNothing()
    {
        using var each = new Watched();
        using var sharded = new ShardedContributor(each, 2, 2);
        Assert.ThrowsAny<OperationCanceledException>(() => sharded.Contribute([0], TaskRange.Training(0, 7), new(canceled: true)));
        Assert.Empty(each.Asked);
    }

    [Fact]
    public void Dispose_OfTheWhole_DisposesThePart()
    {
        var each = new Watched();
        new ShardedContributor(each, 2, 2).Dispose();
        Assert.True(each.IsDisposed);
    }

    [Fact]
    public void Split_OfRowsOfEveryClass_FollowsItsSeed()
    {
        var data = Data(classes: true);
        int[] Held(int seed)
        {
            var split = TaskSplit.OfClasses(data, 0.4, ways: 5, shots: 1, queryRows: 2, new Random(seed));
            return [.. Enumerable.Range(0, 60).SelectMany(i => split.Validation.Draw(new Random(i)).Support).Distinct().Order()];
        }

        Assert.Equal(Held(1), Held(1));
        Assert.NotEqual(Held(1), Held(2));
    }

    private static DrawnEpisodes Drawn(bool classes)
    {
        var data = Data(classes);
        var split = classes ? TaskSplit.OfClasses(data, 0.4, 3, 1, 2, new Random(1))
            : TaskSplit.OfTasks(data, 0.25, new(3, OfEachClass: false), 3, new Random(1));
        return new DrawnEpisodes(data, split, seed: 1);
    }

    /// <summary>Eight tasks, or classes, of six rows.</summary>
    private static TaskData Data(bool classes) => new()
    {
        Features = [.. Enumerable.Range(0, 48).Select(row => (float)(row / 6))],
        FeatureCount = 1,
        Targets = classes ? [] : [.. Enumerable.Range(0, 48).Select(row => (float)row)],
        Classes = classes ? [.. Enumerable.Range(0, 48).Select(row => row / 6)] : [],
        ClassNames = classes ? [.. Enumerable.Range(0, 8).Select(c => $"c{c}")] : [],
        Groups = [.. Enumerable.Range(0, 8).Select(g => Enumerable.Range(6 * g, 6).ToArray())],
        GroupNames = [.. Enumerable.Range(0, 8).Select(g => $"g{g}")],
    };

    /// <summary>Counts who asks at the same time.</summary>
    private sealed class Watched : IContributor
    {
        private readonly Lock _lock = new();
        private int _now;

        public List<TaskRange> Asked { get; } = [];

        public int MostAtOnce { get; private set; }

        public bool IsDisposed { get; private set; }

        /// <summary>The first task of a shard that diverges.</summary>
        public int FailsAt { get; init; } = -1;

        public Contribution Contribute(float[] theta, TaskRange tasks, CancellationToken cancellation = default)
        {
            Watch(tasks);
            return new Contribution([tasks.Count], tasks.Count, 0, 0, 0);
        }

        public Validation Validate(float[] theta, TaskRange tasks, CancellationToken cancellation = default)
        {
            Watch(tasks);
            return new Validation(0, new float[tasks.Count]);
        }

        public void Dispose() => IsDisposed = true;

        private void Watch(TaskRange tasks)
        {
            lock (_lock)
            {
                Asked.Add(tasks);
                MostAtOnce = Math.Max(MostAtOnce, ++_now);
            }

            // Long enough for others to come in between.
            Thread.Sleep(20);
            lock (_lock)
            {
                _now--;
            }

            if (tasks.First == FailsAt)
            {
                throw new DivergenceException($"task {FailsAt} is too steep.");
            }
        }
    }
}
