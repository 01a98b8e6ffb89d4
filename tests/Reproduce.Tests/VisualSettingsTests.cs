using Xunit;

namespace MLNetMeta.Reproduce.Tests;

public sealed class VisualSettingsTests
{
    private const string Contrastive = "complex synapse, all weights fast, one λ";

    public static TheoryData<string> Names => [.. VisualSettings.All(OmniglotCharacters.Image).Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Options_OfEachTraining_AreValidForBothDataSets(string name)
    {
        foreach (var image in new[] { OmniglotCharacters.Image, CifarFsImages.Image })
        {
            var training = Named(name, image);
            training.Options.Validate(isClassification: true);
            training.Quick().Options.Validate(isClassification: true);
            Assert.Contains("meta-learning rate", training.Describe(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void All_Names_AreDifferent()
    {
        var names = VisualSettings.All(OmniglotCharacters.Image).Select(s => s.Name).ToArray();
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.Equal(names.Length, names.Select(Journal.FileName).Distinct().Count());
    }

    [Fact]
    public void Budget_OfAllWeights_IsEqualWithinAMetaStep()
    {
        var budget = Named(Contrastive).Budget;
        var group = VisualSettings.All(OmniglotCharacters.Image).Where(s => s.Group == VisualSettings.AllWeights).ToArray();
        Assert.Equal(10, group.Length);
        Assert.All(group, training => Assert.InRange(Math.Abs(training.Budget - budget), 0, training.PassesPerStep));
    }

    [Fact]
    public void Changes_OfAllTrainings_KeepTheBudgetsEqual()
    {
        var changes = new VisualChanges { Filters = 7, MaxPooling = true, Ways = 3, QueryRows = 4, MetaSteps = 400, MetaRate = 0.5 };
        var all = VisualSettings.All(CifarFsImages.Image, changes with
        {
            Augmentation = new(CifarFsImages.Image) { MaximumShift = 2 },
        });
        var contrastive = all.Single(s => s.Name == Contrastive);
        Assert.Equal(400, contrastive.Options.Training.Steps);
        Assert.All(all, training =>
        {
            Assert.Contains("7-7-7-7 filters, stride 1, pooling 2", training.Describe(), StringComparison.Ordinal);
            Assert.Contains("3-way 1-shot, 4 query", training.Describe(), StringComparison.Ordinal);
            Assert.Contains("meta-learning rate 0.5, augmentation shift 2", training.Describe(), StringComparison.Ordinal);
        });
        var group = all.Where(s => s.Group == VisualSettings.AllWeights).ToArray();
        Assert.All(group, training =>
        {
            Assert.InRange(Math.Abs(training.Budget - contrastive.Budget), 0, training.PassesPerStep);
            Assert.InRange((double)training.Options.Training.Steps / training.Options.Training.ValidationInterval, 15, 30);
            Assert.Contains("7 filters instead of 64", training.GroupNote, StringComparison.Ordinal);
            Assert.Contains("400 meta-steps of the contrastive rule", training.GroupNote, StringComparison.Ordinal);
        });
        Assert.All(all.Except(group), training => Assert.Null(training.GroupNote));
    }

    // Four tasks of 5 support and 75 query images, 20 free steps.
    [Theory]
    [InlineData(Contrastive, 4 * (100 + (2 * 10 * 80)))]
    [InlineData("complex synapse, all weights fast, learned λ", 4 * (100 + (2 * 10 * 80)))]
    [InlineData("dual system, all blocks modulated", 4 * (100 + (2 * 10 * 80) + (2 * 80)))]
    [InlineData("MAML", 4 * (300 + 75))]
    [InlineData("first-order MAML", 4 * (100 + 75))]
    [InlineData("Reptile", 4 * 100)]
    [InlineData("iMAML", 4 * (100 + 80 + (2 * 10 * 5)))]
    [InlineData("ANIL", 4 * 80)]
    [InlineData("prototypical network", 4 * 80)]
    [InlineData("R2-D2", 4 * 80)]
    [InlineData("complex synapse, readout fast, each image alone", 4 * 80)]
    [InlineData("dual system, last block modulated, transductive", 4 * 80)]
    public void PassesPerStep_OfATraining_FollowsItsFormula(string name, int passes) => Assert.Equal(passes, Named(name).PassesPerStep);

    private static VisualSettings Named(string name, ImageShape? image = null) =>
        VisualSettings.All(image ?? OmniglotCharacters.Image).Single(s => s.Name == name);
}
