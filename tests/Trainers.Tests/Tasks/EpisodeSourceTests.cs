using Xunit;

namespace MLNetMeta.Trainers.Tests.Tasks;

public sealed class EpisodeSourceTests
{
    private const int Draws = 200;

    /// <summary>Six classes of 3 to 13 rows; the feature of a row is its number.</summary>
    private static readonly TaskData _classes = Classes();

    [Fact]
    public void Draw_OfClasses_GivesWaysAndShotsOfDifferentRows()
    {
        var random = new Random(1);
        var source = new ClassSource(_classes, [0, 2, 3, 5], ways: 3, shots: 2, queryRowsPerClass: 4);
        var seen = new HashSet<int>();
        for (var i = 0; i < Draws; i++)
        {
            var episode = source.Draw(random);
            Assert.Equal(3, episode.ClassCount);
            Assert.Equal([0, 0, 1, 1, 2, 2], episode.SupportClasses);
            Assert.Empty(episode.Support.Intersect(episode.Query));
            Assert.Distinct(episode.Support);
            Assert.Distinct(episode.Query);
            var classes = episode.Support.Select(r => _classes.Classes[r]).Distinct().ToArray();
            Assert.Equal(classes.Order(), classes);
            Assert.Equal(episode.Query.Select(r => _classes.Classes[r]), episode.QueryClasses.Select(c => classes[c]));
            Assert.All(
                Enumerable.Range(0, 3),
                c => Assert.Equal(Math.Min(4, _classes.Groups[classes[c]].Length - 2), episode.QueryClasses.Count(q => q == c)));
            seen.UnionWith(classes);
        }

        Assert.Equal([0, 2, 3, 5], seen.Order());
    }

    [Fact]
    public void Draw_OfTasks_StaysInOneTaskAndLeavesARowForEachSide()
    {
        var data = Tasks();
        var random = new Random(1);
        var source = new TaskSource(data, [0, 1, 3], new(5, OfEachClass: false), queryRows: 4);
        var seen = new HashSet<int>();
        for (var i = 0; i < Draws; i++)
        {
            var episode = source.Draw(random);
            var task = Array.FindIndex(data.Groups, g => g.Contains(episode.Support[0]));
            Assert.Empty(episode.Support.Concat(episode.Query).Except(data.Groups[task]));
            Assert.Distinct(episode.Support.Concat(episode.Query));
            Assert.Equal(Math.Min(5, data.Groups[task].Length - 1), episode.Support.Length);
            Assert.Equal(Math.Min(4, data.Groups[task].Length - episode.Support.Length), episode.Query.Length);
            seen.Add(task);
        }

        Assert.Equal([0, 1, 3], seen.Order());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(9)]
    [InlineData(40)]
    public void Draw_OfTasksWithClasses_HasAsManyRowsOfOneClassAsOfAnother(int supportRows)
    {
        // Twelve rows of class 0, five of class 1 and one of class 2.
        int[] classes = [.. Enumerable.Repeat(0, 12), .. Enumerable.Repeat(1, 5), 2];
        var data = OfClasses(classes, 3) with { Groups = [[.. Enumerable.Range(0, 18)]], GroupNames = ["task"] };
        var source = new TaskSource(data, [0], new(supportRows, OfEachClass: false), queryRows: 4);
        var random = new Random(1);
        var first = new HashSet<int>();
        for (var i = 0; i < Draws; i++)
        {
            var episode = source.Draw(random);
            Assert.Equal(Math.Min(supportRows, 17), episode.Support.Length);
            Assert.Distinct(episode.Support.Concat(episode.Query));
            Assert.Equal(episode.Support.Select(row => classes[row]), episode.SupportClasses);
            Assert.Equal(episode.Query.Select(row => classes[row]), episode.QueryClasses);
            Assert.Equal(Math.Min(4, 18 - episode.Support.Length), episode.Query.Length);
            var counts = Enumerable.Range(0, 3).Select(c => episode.SupportClasses.Count(of => of == c)).ToArray();
            for (var one = 0; one < 3; one++)
            {
                // A class has fewer than another by more than one only where it has no rows left.
                Assert.True(counts[one] >= counts.Max() - 1 || counts[one] == classes.Count(c => c == one), string.Join(", ", counts));
            }

            first.Add(episode.Support[0]);
        }

        Assert.True(first.Count > 10, "The support is drawn, not always the same.");
    }

    [Theory]
    [InlineData(1, new[] { 1, 1, 1 })]
    [InlineData(3, new[] { 3, 3, 1 })]
    [InlineData(9, new[] { 9, 5, 1 })]
    [InlineData(12, new[] { 11, 5, 1 }, true)]
    public void Draw_OfTasksWithShots_HasSoManyRowsOfEachClassAsFarAsThereAre(int shots, int[] expected, bool leavesOne = false)
    {
        int[] classes = [.. Enumerable.Repeat(0, 12), .. Enumerable.Repeat(1, 5), 2];
        var data = OfClasses(classes, 3) with { Groups = [[.. Enumerable.Range(0, 18)]], GroupNames = ["task"] };
        var source = new TaskSource(data, [0], new(shots, OfEachClass: true), queryRows: 4);
        var episode = source.Draw(new Random(1));
        Assert.Equal(expected, Enumerable.Range(0, 3).Select(c => episode.SupportClasses.Count(of => of == c)));
        Assert.Equal(leavesOne ? 1 : 18 - expected.Sum() < 4 ? 18 - expected.Sum() : 4, episode.Query.Length);
    }

    [Fact]
    public void Draw_OfARange_HasEveryNumberOfRowsSmallOnesMoreOften()
    {
        var data = Equal(6, 30);
        var random = new Random(1);
        var source = new ClassSource(data, [0, 1, 2, 3], ways: 2, shots: (1, 8), queryRowsPerClass: 2);
        var counts = Enumerable.Range(0, 20 * Draws).GroupBy(_ => source.Draw(random).Support.Length / 2).ToDictionary(
            g => g.Key, g => g.Count());
        Assert.Equal(Enumerable.Range(1, 8), counts.Keys.Order());
        Assert.All(Enumerable.Range(1, 7), shots => Assert.True(counts[shots] > counts[shots + 1] * 0.9, $"{shots}: {counts[shots]}"));
        // On a logarithmic scale from ½ to 8½, log 3 / log 17 of the draws are 1.
        Assert.InRange(counts[1], 0.35 * 20 * Draws, 0.43 * 20 * Draws);
    }

    [Fact]
    public void Draw_UnderASeed_IsTheSame()
    {
        var source = new ClassSource(_classes, [0, 1, 2, 3, 4, 5], 2, 1, 3);
        var (first, again) = (source.Draw(new Random(3)), source.Draw(new Random(3)));
        Assert.Equal(first.Support, again.Support);
        Assert.Equal(first.Query, again.Query);
    }

    [Theory]
    [InlineData(6, 0.34, 2, "4 classes to train, 2 to validate")]
    [InlineData(6, 0.34, 3, "6 classes to train, 34 % of their rows to validate")]
    [InlineData(6, 0.1, 3, "other episodes of the same rows")]
    [InlineData(12, 0.15, 5, "9 classes to train, 3 to validate, all at a time", true)]
    [InlineData(16, 0.15, 5, "12 classes to train, 4 to validate, all at a time", true)]
    [InlineData(12, 0.15, 10, "12 classes to train, 15 % of their rows to validate", true)]
    [InlineData(16, 0.15, 5, "16 classes to train, 15 % of their rows to validate")]
    [InlineData(40, 0.15, 5, "34 classes to train, 6 to validate", true)]
    public void OfClasses_AsManyAsThereAre_HoldsOutClassesOrRows(
        int classes, double fraction, int ways, string description, bool forSearch = false)
    {
        // Twenty-four rows of each class, so that rows can be held out.
        var data = Equal(classes, 24);
        var split = forSearch
            ? TaskSplit.OfNewClasses(data, fraction, ways, shots: 2, queryRows: 3, new Random(1))
            : TaskSplit.OfClasses(data, fraction, ways, shots: 2, queryRows: 3, new Random(1));
        Assert.Contains(description,
            split.Description.Replace("4%", "4 %", StringComparison.Ordinal).Replace("5%", "5 %", StringComparison.Ordinal),
                StringComparison.Ordinal);
        var (training, validation) = (Rows(split.Training), Rows(split.Validation));
        if (fraction > 0.1)
        {
            Assert.Empty(training.Intersect(validation));
        }

        // Classes that are held out are new ones: none of their rows is trained on.
        if (!description.Contains("rows", StringComparison.Ordinal))
        {
            Assert.Empty(training.Select(row => data.Classes[row]).Intersect(validation.Select(row => data.Classes[row])));
        }

        static HashSet<int> Rows(IEpisodeSource source)
        {
            var random = new Random(2);
            return [.. Enumerable.Range(0, Draws).Select(_ => source.Draw(random)).SelectMany(e => e.Support.Concat(e.Query))];
        }
    }

    [Fact]
    public void OfTasks_WithATinyFraction_HoldsOutOneTaskAtLeast()
    {
        var split = TaskSplit.OfTasks(Tasks(), 0.01, new(5, OfEachClass: false), 4, new Random(1));
        Assert.Equal("3 tasks to train, 1 to validate", split.Description);
    }

    [Fact]
    public void Batch_OfEpisodesOfDifferentSizes_PadsWithWeightZero()
    {
        var data = Tasks();
        var batch = EpisodeRows.Of(data, [
            new Episode([0, 1], [2], [], [], 0),
            new Episode([5, 6, 7], [8, 9], [], [], 0),
        ]);
        Assert.Equal([2, 3, 1], batch.Support.Features.Shape);
        Assert.Equal([0, 1, 0, 5, 6, 7], batch.Support.Features.Values);
        Assert.Equal([0.5f, 0.5f, 0, 1f / 3, 1f / 3, 1f / 3], batch.Support.Weights.Values);
        Assert.Equal([0, -1, 0, -5, -6, -7], batch.Support.Targets.Values);
        Assert.Equal([1, 0, 0.5f, 0.5f], batch.Query.Weights.Values);
    }

    [Fact]
    public void Batch_OfMissingTargets_SharesTheLossAmongTheObserved()
    {
        var data = new TaskData
        {
            Features = [1, 2, 3, 4, 5],
            FeatureCount = 1,
            Targets = [1, float.NaN, float.NaN, 2, 3, 4, float.NaN, 5, 6, float.NaN],
            OutputCount = 2,
            MayMissTargets = true,
            Groups = [[0, 1, 2, 3, 4]],
            GroupNames = ["a"],
        };
        var batch = EpisodeRows.Of(data, [new Episode([0, 1], [2], [], [], 0), new Episode([2, 3, 4], [0], [], [], 0)]);
        Assert.Equal([2, 3, 2], batch.Support.Weights.Shape);
        Assert.Equal([0.5f, 0, 0, 0.5f, 0, 0, 0.25f, 0.25f, 0, 0.25f, 0.25f, 0], batch.Support.Weights.Values);
        Assert.Equal([1, 0, 0, 2, 0, 0, 3, 4, 0, 5, 6, 0], batch.Support.Targets.Values);
        Assert.Equal([0.5f, 0.5f, 1, 0], batch.Query.Weights.Values);
    }

    [Fact]
    public void Batch_OfClasses_IsOneHot()
    {
        var batch = EpisodeRows.Of(_classes, [new Episode([0, 5], [1], [0, 2], [1], 3)]);
        Assert.Equal([1, 0, 0, 0, 0, 1], batch.Support.Targets.Values);
        Assert.Equal([0, 1, 0], batch.Query.Targets.Values);
    }

    private static TaskData Classes()
    {
        int[] sizes = [3, 5, 7, 9, 11, 13];
        var classes = sizes.SelectMany((size, c) => Enumerable.Repeat(c, size)).ToArray();
        return OfClasses(classes, sizes.Length);
    }

    private static TaskData Equal(int count, int rows) => OfClasses([.. Enumerable.Range(0, count * rows).Select(i => i / rows)], count);

    private static TaskData OfClasses(int[] classes, int count) => new()
    {
        Features = [.. classes.Select((_, i) => (float)i)],
        FeatureCount = 1,
        Classes = classes,
        ClassNames = [.. Enumerable.Range(0, count).Select(c => $"class {c}")],
        Groups = [.. Enumerable.Range(0, count).Select(c => Enumerable.Range(0, classes.Length).Where(r => classes[r] == c).ToArray())],
        GroupNames = [.. Enumerable.Range(0, count).Select(c => $"class {c}")],
    };

    private static TaskData Tasks() => new()
    {
        Features = [.. Enumerable.Range(0, 30).Select(i => (float)i)],
        FeatureCount = 1,
        Targets = [.. Enumerable.Range(0, 30).Select(i => -(float)i)],
        Groups = [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9, 10, 11, 12, 13, 14], [15, 16, 17], [18, 19]],
        GroupNames = ["a", "b", "c", "d"],
    };
}
