using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Testing;
using MLNetMeta.Transforms.FewShot;
using MLNetMeta.Transforms.Saving;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary>What stands in a saved model has to fit together, also where each part is intact.</summary>
public sealed class SavedModelReaderTests
{
    private readonly MLContext _ml = new(1);

    [Fact]
    public void Restore_WhatWasSaved_IsTheModel()
    {
        using var learner = new TinyLearner().Load();
        using var restored = (FewShotPredictionTransformer)Restore(learner, use => use);
        Assert.Equal(["b", "a"], restored.Classes);
    }

    [Theory]
    [InlineData(MetaTask.Regression, true)]
    [InlineData(MetaTask.Classification, false)]
    public void Restore_ClassesWhereTheLearnerHasNone_OrNoneWhereItHas_IsRefused(MetaTask task, bool classes)
    {
        using var learner = new TinyLearner { Task = task }.Load();
        AssertDamaged(
            learner, use => use with { SlotOfClass = classes ? [0, 1] : null }, $"its classes do not fit its learner for {task}");
    }

    [Theory]
    [InlineData(new[] { 0, 1 })]
    [InlineData(new[] { 0, 1, 2, 3 })]
    public void Restore_MoreOrFewerClassesThanTheLearner_IsRefused(int[] slots)
    {
        using var learner = new TinyLearner { Classes = ["a", "b", "c"] }.Load();
        AssertDamaged(learner, use => use with { SlotOfClass = slots }, "its classes do not fit its learner for Classification");
    }

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    public void Restore_AClassInASlotThatTheLabelDoesNotHave_IsRefused(int slot)
    {
        using var learner = new TinyLearner().Load();
        AssertDamaged(learner, use => use with { SlotOfClass = [0, slot] }, $"it has a class in slot {slot} of 2");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Restore_AFeatureColumnOfOneNumberOrAVector_IsOfThatType(bool isScalar)
    {
        using var learner = new TinyLearner { Features = 1 }.Load();
        using var restored = (FewShotPredictionTransformer)Restore(learner, use => use with { FeatureIsScalar = isScalar });
        Assert.Equal(
            isScalar ? NumberDataViewType.Single : new VectorDataViewType(NumberDataViewType.Single, 1), restored.FeatureColumnType);
    }

    [Fact]
    public void Restore_StockStages_StayTheObjectsThatTheyAre()
    {
        var data = Blobs.View(_ml, Blobs.Classes(["a", "b"], 4));
        var keys = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(data);
        var chain = new TransformerChain<ITransformer>(keys);
        var outer = new TransformerChain<ITransformer>(chain);
        var reader = new SavedModelReader(_ml, null);

        Assert.Same(keys, reader.Restore(keys));
        Assert.Same(chain, reader.Restore(chain));
        Assert.Same(outer, reader.Restore(outer));
    }

    private void AssertDamaged(Learner learner, Func<SavedModel.Usage, SavedModel.Usage> change, string reason)
    {
        var refusal = Assert.Throws<FormatException>(() => Restore(learner, change));
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>A model that was adapted, saved and read again, with another description of its use.</summary>
    private ITransformer Restore(Learner learner, Func<SavedModel.Usage, SavedModel.Usage> change)
    {
        var data = Data(learner);
        using var model = _ml.MetaLearning().FewShot(learner).Fit(data);
        using var stream = new MemoryStream();
        _ml.Model.Save(model, data.Schema, stream);
        ITransformer[] stages = [.. (IEnumerable<ITransformer>)_ml.Model.Load(stream, out _)];
        var saved = SavedModel.Read(StockFile.TryRead(_ml, stages[0], StockNames.ModelFile)!);
        var changed = saved with { Use = change(saved.Use) };
        return new SavedModelReader(_ml, null).Restore(
            new TransformerChain<ITransformer>([StockFile.Create(_ml, StockNames.ModelFile, changed.ToBytes()), .. stages[1..]]));
    }

    private IDataView Data(Learner learner) => learner.Task == MetaTask.Regression
        ? Blobs.View(_ml, Blobs.Targets(8))
        : Blobs.KeyedView(_ml, Blobs.Classes(["b", "a"], 4, learner.FeatureCount), learner.FeatureCount);
}
