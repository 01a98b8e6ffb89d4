using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Tasks.Images;

public sealed class ImageAugmentationTests
{
    private const int Height = 4, Width = 5, Pixels = 2 * Height * Width;

    private static readonly ImageShape _shape = new(2, Height, Width);

    /// <summary>Every pixel is another number, none of them 0.</summary>
    private static readonly float[] _image = [.. Enumerable.Range(1, Pixels).Select(i => (float)i)];

    [Theory]
    [InlineData(0, false, 1)]
    [InlineData(0, true, 2)]
    [InlineData(1, false, 9)]
    [InlineData(2, true, 50)]
    public void Vary_ManyTimes_GivesEveryShiftAndSideAndNothingElse(int shift, bool mirror, int variants)
    {
        var augmentation = new ImageAugmentation(_shape) { MaximumShift = shift, Mirror = mirror };
        var allowed = (from down in Enumerable.Range(-shift, (2 * shift) + 1)
                       from right in Enumerable.Range(-shift, (2 * shift) + 1)
                       from isMirrored in (bool[])(mirror ? [false, true] : [false])
                       select Text(Expected(down, right, isMirrored))).ToHashSet();
        Assert.Equal(variants, allowed.Count);
        const int draws = 2000;
        float[] drawn = [.. Enumerable.Repeat(_image, draws).SelectMany(image => image)];
        augmentation.Vary(drawn, new Random(1));
        var counts = drawn.Chunk(Pixels).CountBy(Text).ToDictionary();
        Assert.Equal(allowed.Order(), counts.Keys.Order());

        // Six standard deviations of a binomial count.
        var (expected, most) = ((double)draws / variants, 6 * Math.Sqrt((double)draws / variants));
        Assert.All(counts.Values, count => Assert.InRange(count, expected - most, expected + most));
    }

    [Fact]
    public void Of_TrainingTasks_IsAFunctionOfStepAndTaskAndLeavesOthersAlone()
    {
        var data = Data();
        var split = TaskSplit.OfClasses(data, 0.5, ways: 2, shots: (1, 4), queryRows: 2, new Random(1));
        var plain = new DrawnEpisodes(data, split, seed: 5);
        var varied = new DrawnEpisodes(data, split, seed: 5, new(_shape) { MaximumShift = 2, Mirror = true });
        var training = TaskRange.Training(3, 6);
        var whole = varied.Of(training);
        Assert.NotEqual(plain.Of(training).Support.Features.Values, whole.Support.Features.Values);
        Assert.NotEqual(plain.Of(training).Query.Features.Values, whole.Query.Features.Values);
        Assert.Equal(plain.Of(training).Support.Targets.Values, whole.Support.Targets.Values);
        Assert.NotEqual(whole.Support.Features.Values, varied.Of(TaskRange.Training(4, 6)).Support.Features.Values);

        // Tasks one at a time have no rows that pad shorter ones.
        var apart = training.Shards(1).Select(varied.Of).SelectMany(rows => Images(rows.Support).Concat(Images(rows.Query))).Order();
        Assert.Equal(Images(whole.Support).Concat(Images(whole.Query)).Order(), apart);

        foreach (var range in (TaskRange[])[TaskRange.Validation(4), TaskRange.Pilot(4), TaskRange.Certainty(4)])
        {
            Assert.Equal(plain.Of(range).Support.Features.Values, varied.Of(range).Support.Features.Values);
            Assert.Equal(plain.Of(range).Query.Features.Values, varied.Of(range).Query.Features.Values);
        }
    }

    [Fact]
    public void Fit_WithAnAugmentation_MetaTrainsAnotherLearner()
    {
        var plain = Train(null);
        var still = Train(new ImageAugmentation(_shape));
        var varied = Train(new ImageAugmentation(_shape) { MaximumShift = 1 });
        Assert.Equal(plain, still);
        Assert.NotEqual(plain, varied);
        Assert.Equal(varied, Train(new ImageAugmentation(_shape) { MaximumShift = 1 }));
    }

    [Fact]
    public void Fit_OfRowsOfAnotherShape_NamesBoth()
    {
        var refusal = Assert.Throws<InvalidOperationException>(() => Train(new ImageAugmentation(new(1, Height, Width))));
        Assert.Contains($"'Features' has {Pixels} values", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("the augmentation's images have 1 × 4 × 5", refusal.Message, StringComparison.Ordinal);
    }

    private static float[] Expected(int down, int right, bool isMirrored)
    {
        var variant = new float[Pixels];
        for (var i = 0; i < Pixels; i++)
        {
            var (plane, y, x) = (i / (Height * Width), i / Width % Height, i % Width);
            var (sourceY, sourceX) = (y - down, (isMirrored ? Width - 1 - x : x) - right);
            variant[i] = sourceY is >= 0 and < Height && sourceX is >= 0 and < Width
                ? _image[(((plane * Height) + sourceY) * Width) + sourceX]
                : 0;
        }

        return variant;
    }

    private static byte[] Train(ImageAugmentation? augmentation)
    {
        var ml = new MLContext(1);
        var options = (ComplexSynapseTrainer.Options)TinyTraining.Options("ComplexSynapse").WithTraining(
            training => training with { Augmentation = augmentation }) with { Standardize = false };
        var random = new Random(3);
        var rows = Enumerable.Range(0, 80).Select(i => new LabelledImage
        {
            Label = $"class {i % 8}", Features = [.. Enumerable.Range(0, Pixels).Select(_ => (float)((i % 8) + random.NextDouble()))],
        });
        var schema = SchemaDefinition.Create(typeof(LabelledImage));
        schema["Features"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, Pixels);
        var view = ml.Data.LoadFromEnumerable(rows, schema);
        var keyed = ml.Transforms.Conversion.MapValueToKey("Label").Fit(view).Transform(view);
        using var learner = ml.MetaLearning().Classification.ComplexSynapse(options).Fit(keyed).Learner;
        return learner.File.ToArray();
    }

    private static TaskData Data() => new()
    {
        Features = [.. Enumerable.Range(0, 40 * Pixels).Select(i => (float)(i + 1))],
        FeatureCount = Pixels,
        Classes = [.. Enumerable.Range(0, 40).Select(i => i / 5)],
        ClassNames = [.. Enumerable.Range(0, 8).Select(i => $"{i}")],
        Groups = [.. Enumerable.Range(0, 8).Select(c => Enumerable.Range(5 * c, 5).ToArray())],
        GroupNames = [.. Enumerable.Range(0, 8).Select(i => $"{i}")],
    };

    private static IEnumerable<string> Images(Rows<HostTensor> rows) =>
        rows.Features.Values.Chunk(Pixels).Where(image => image.Any(pixel => pixel != 0)).Select(Text);

    private static string Text(float[] image) => string.Join(' ', image);
}
