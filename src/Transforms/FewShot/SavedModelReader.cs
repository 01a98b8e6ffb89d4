using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Transforms.Columns;
using MLNetMeta.Transforms.Errors;
using MLNetMeta.Transforms.Saving;
using MLNetMeta.Transforms.Scoring;

namespace MLNetMeta.Transforms.FewShot;

/// <summary>Puts this library's transformers back where <c>ml.Model.Save</c> wrote stock ones, in chains within chains too.</summary>
internal sealed class SavedModelReader(MLContext context, Learner.Options? options)
{
    /// <summary>The same model; a stage without anything of this library stays the object that it is.</summary>
    public ITransformer Restore(ITransformer transformer)
    {
        if (StockFile.TryRead(context, transformer, StockNames.LearnerFile) is { } learner)
        {
            return new LearnerTransformer(context, Learner.Load(learner, options));
        }

        if (transformer is not IEnumerable<ITransformer> chain)
        {
            return transformer;
        }

        var stages = chain.ToArray();
        if (stages is [var first, .. var stock] && StockFile.TryRead(context, first, StockNames.ModelFile) is { } model)
        {
            var restored = Restore(SavedModel.Read(model), stock);
            foreach (var stage in stock.OfType<IDisposable>())
            {
                stage.Dispose();
            }

            return restored;
        }

        ITransformer[] all = [.. stages.Select(Restore)];
        return all.SequenceEqual(stages) ? transformer : new TransformerChain<ITransformer>(all);
    }

    private FewShotPredictionTransformer Restore(SavedModel saved, ITransformer[] stock)
    {
        var learner = Learner.Load(saved.Learner, options ?? saved.Use.Options);
        try
        {
            return Restore(saved, learner, stock);
        }
        catch
        {
            learner.Dispose();
            throw;
        }
    }

    private FewShotPredictionTransformer Restore(SavedModel saved, Learner learner, ITransformer[] stock)
    {
        var slots = saved.Use.SlotOfClass;
        if ((slots is null) != (learner.Labels is LabelSemantics.Targets or LabelSemantics.Binary)
            || slots is not null && learner.OutputCount is { } classes && classes != slots.Length)
        {
            throw Throw.DamagedModel($"its classes do not fit its learner for {learner.Task}");
        }

        var layout = slots is not null ? ScoreLayout.Classification(Classes(slots, stock))
            : learner.Labels == LabelSemantics.Binary ? ScoreLayout.Binary
            : ScoreLayout.Regression(learner);
        DataViewType featureType = saved.Use.FeatureIsScalar
            ? NumberDataViewType.Single
            : new VectorDataViewType(NumberDataViewType.Single, learner.FeatureCount);
        return new FewShotPredictionTransformer(
            context, learner, learner.Adopt(saved.Adapted), layout,
            learner.ColumnsOf(saved.Use.LabelColumn, saved.Use.FeatureColumn), featureType, saved.Use.BatchSize, ownsLearner: true)
        {
            Support = saved.SupportFor(learner, layout),
        };
    }

    /// <summary>The stock stage that makes keys of slots knows how many there are, and their names.</summary>
    private static ClassSlots Classes(int[] slotOfClass, ITransformer[] stock)
    {
        var slot = new DataViewSchema.Builder();
        slot.AddColumn(StockNames.Score, new VectorDataViewType(NumberDataViewType.Single, 1));
        slot.AddColumn(StockNames.Slot, new VectorDataViewType(NumberDataViewType.Int64, 1));
        var label = stock[2].GetOutputSchema(stock[1].GetOutputSchema(slot.ToSchema()))[ScoreLayout.PredictedLabel];
        var count = (int)((KeyDataViewType)label.Type).Count;
        return slotOfClass.Max() < count
            ? new ClassSlots(slotOfClass, count, LabelNames.Read(label))
            : throw Throw.DamagedModel($"it has a class in slot {slotOfClass.Max()} of {count}");
    }
}
