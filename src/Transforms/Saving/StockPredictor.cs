using Google.Protobuf;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using MLNetMeta.Transforms.Columns;
using MLNetMeta.Transforms.FewShot;
using MLNetMeta.Transforms.Files;
using MLNetMeta.Transforms.Learners;
using MLNetMeta.Transforms.Scoring;

namespace MLNetMeta.Transforms.Saving;

/// <summary>
/// A model as a chain of ML.NET's own transformers. <c>ml.Model.Save</c> writes this chain, because ML.NET lets only its own assemblies
/// register loaders. The chain gives the same columns and scores. The annotations of Score are lost, because no stock transformer can add
/// them. <see cref="SavedModelReader"/> restores everything.
/// </summary>
internal static class StockPredictor
{
    /// <summary>The chain; its first stage carries <paramref name="saved"/>, and does nothing when rows go through. Its ONNX model is a
    /// file in <paramref name="folder"/>, for as long as the chain is in use: from a stream, ML.NET makes a file that all can read and
    /// leaves it.
    /// </summary>
    public static TransformerChain<ITransformer> Create(
        MLContext context, Learner learner, AdaptedParameters adapted, ScoreLayout layout, DataViewType featureType, SavedModel saved,
        PrivateFolder folder)
    {
        var featureColumn = saved.Use.FeatureColumn;
        var onnx = AdaptedOnnx.ForStockTransformer(learner, adapted, layout, featureColumn, StockNames.Score, StockNames.Slot);
        var file = folder.Write("model.onnx", onnx.ToByteArray());
        string[] outputs = layout.Classes is not null ? [StockNames.Score, StockNames.Slot]
            : layout.IsBinary ? [StockNames.Score, StockNames.Probability, StockNames.Answer]
            : layout.HasIntervals ? [StockNames.Score, StockNames.LowerBound, StockNames.UpperBound]
            : [StockNames.Score];
        IEstimator<ITransformer> chain = context.Transforms.ApplyOnnxModel(outputs, [featureColumn], file);
        chain = layout.Classes is { } classes ? AddClasses(context, chain, classes)
            : layout.IsBinary ? AddAnswers(context, chain)
            : AddTargets(context, chain, layout);
        var stages = (IEnumerable<ITransformer>)chain.Fit(EmptyView(context, featureColumn, featureType));
        var carrier = StockFile.Create(context, StockNames.ModelFile, saved.ToBytes());
        return new TransformerChain<ITransformer>([carrier, .. stages]);
    }

    private static EstimatorChain<ColumnSelectingTransformer> AddClasses(
        MLContext context, IEstimator<ITransformer> chain, ClassSlots classes)
    {
        var lookup = KeyLookup(context, classes);
        return chain
            .Append(context.Transforms.CustomMapping<SlotToScalar.Input, SlotToScalar.Output>(SlotToScalar.Map, SlotToScalar.Contract))
            .Append(context.Transforms.Conversion.MapValue(
                ScoreLayout.PredictedLabel,
                lookup, lookup.Schema[nameof(LookupRow.Slot)], lookup.Schema[nameof(LookupRow.Key)],
                StockNames.Key))
            .Append(context.Transforms.CopyColumns(ScoreLayout.Score, StockNames.Score))
            .Append(context.Transforms.DropColumns(StockNames.Score, StockNames.Slot, StockNames.Key));
    }

    private static EstimatorChain<ColumnSelectingTransformer> AddAnswers(MLContext context, IEstimator<ITransformer> chain) => chain
        .Append(context.Transforms.CustomMapping<AnswerToScalars.Input, AnswerToScalars.Output>(
            AnswerToScalars.Map, AnswerToScalars.Contract))
        .Append(context.Transforms.CopyColumns(ScoreLayout.PredictedLabel, StockNames.AnswerValue))
        .Append(context.Transforms.CopyColumns(ScoreLayout.Score, StockNames.Value))
        .Append(context.Transforms.CopyColumns(ScoreLayout.Probability, StockNames.ProbabilityValue))
        .Append(context.Transforms.DropColumns(
            StockNames.Score, StockNames.Probability, StockNames.Answer, StockNames.AnswerValue, StockNames.Value,
            StockNames.ProbabilityValue));

    private static EstimatorChain<ITransformer> AddTargets(
        MLContext context, IEstimator<ITransformer> chain, ScoreLayout layout)
    {
        (string Name, string Vector, string Scalar)[] columns =
        [
            (ScoreLayout.Score, StockNames.Score, StockNames.Value),
            .. layout.HasIntervals
                ? ((string, string, string)[])[
                    (ScoreLayout.LowerBound, StockNames.LowerBound, StockNames.LowerValue),
                    (ScoreLayout.UpperBound, StockNames.UpperBound, StockNames.UpperValue)]
                : [],
        ];
        List<IEstimator<ITransformer>> stages = [];
        if (layout.IsScalar)
        {
            stages.Add(
                context.Transforms.CustomMapping<ScoreToScalar.Input, ScoreToScalar.Output>(ScoreToScalar.Map, ScoreToScalar.Contract));
        }

        if (layout is { IsScalar: true, HasIntervals: true })
        {
            stages.Add(context.Transforms.CustomMapping<BoundsToScalars.Input, BoundsToScalars.Output>(
                BoundsToScalars.Map, BoundsToScalars.Contract));
        }

        stages.AddRange(columns.Select(column =>
            context.Transforms.CopyColumns(column.Name, layout.IsScalar ? column.Scalar : column.Vector)));
        string[] scalars = layout.IsScalar ? [.. columns.Select(column => column.Scalar)] : [];
        stages.Add(context.Transforms.DropColumns([.. columns.Select(column => column.Vector), .. scalars]));
        return stages.Aggregate(new EstimatorChain<ITransformer>().Append(chain), (whole, stage) => whole.Append(stage));
    }

    private static IDataView EmptyView(MLContext context, string featureColumn, DataViewType featureType)
    {
        var schema = SchemaDefinition.Create(typeof(FeatureRow));
        schema[0].ColumnName = featureColumn;
        schema[0].ColumnType = featureType;
        return featureType is VectorDataViewType
            ? context.Data.LoadFromEnumerable(Array.Empty<FeatureRow>(), schema)
            : context.Data.LoadFromEnumerable(Array.Empty<ScalarFeatureRow>(), Scalar(featureColumn));
    }

    private static SchemaDefinition Scalar(string featureColumn)
    {
        var schema = SchemaDefinition.Create(typeof(ScalarFeatureRow));
        schema[0].ColumnName = featureColumn;
        return schema;
    }

    private static IDataView KeyLookup(MLContext context, ClassSlots classes)
    {
        var schema = SchemaDefinition.Create(typeof(LookupRow));
        schema[nameof(LookupRow.Key)].ColumnType = new KeyDataViewType(typeof(uint), classes.Count);
        classes.Names?.AddTo(schema[nameof(LookupRow.Key)], LabelNames.KeyValues);
        var rows = Enumerable.Range(0, classes.Count).Select(slot => new LookupRow { Slot = slot, Key = (uint)slot });
        return context.Data.LoadFromEnumerable(rows, schema);
    }

    private sealed class FeatureRow
    {
        public VBuffer<float> Features { get; set; }
    }

    private sealed class ScalarFeatureRow
    {
        public float Features { get; set; }
    }

    private sealed class LookupRow
    {
        public long Slot { get; set; }

        /// <summary>From 0: LoadFromEnumerable adds the one that keys start from.</summary>
        public uint Key { get; set; }
    }
}
