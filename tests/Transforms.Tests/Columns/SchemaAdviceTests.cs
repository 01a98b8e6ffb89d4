using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary>Every message about a column's type says what to write instead.</summary>
public sealed class SchemaAdviceTests : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly Learner _episodes = new TinyLearner().Load();
    private readonly Learner _regression = new TinyLearner { Task = MetaTask.Regression }.Load();

    public void Dispose()
    {
        _episodes.Dispose();
        _regression.Dispose();
    }

    [Theory]
    [InlineData(nameof(Row.NoLength), "got Vector<Single> of unknown length. Its length is not known: put [VectorType(N)] on the property")]
    [InlineData(
        nameof(Row.Doubles),
        "got Vector<Double, 2>. Convert it: ml.Transforms.Conversion.ConvertType(\"Doubles\", outputKind: DataKind.Single).")]
    [InlineData(nameof(Row.DoublesNoLength), "ConvertType(\"DoublesNoLength\", outputKind: DataKind.Single).")]
    [InlineData(nameof(Row.Three), "got Vector<Single, 3>. The learner was meta-trained on rows of 2 numbers")]
    [InlineData(nameof(Row.Number), "got Single. Put the numbers of a row into one column: ml.Transforms.Concatenate(\"Number\", …).")]
    [InlineData(nameof(Row.Text), "got String. Convert it to numbers first")]
    [InlineData("Missing", "Put the 2 numbers of a row into one column, ml.Transforms.Concatenate(\"Missing\", …)")]
    [InlineData("Missing", "ml.MetaLearning().FewShot(metaModel)")]
    public void Fit_WrongFeatures_SaysWhatToWrite(string column, string advice) =>
        AssertAdvice(_ml.MetaLearning().FewShot(_episodes, featureColumnName: column), advice);

    [Theory]
    [InlineData(nameof(Row.Flag), "Map it to a key: ml.Transforms.Conversion.MapValueToKey(\"Flag\")")]
    [InlineData(nameof(Row.Text), "Map it to a key: ml.Transforms.Conversion.MapValueToKey(\"Text\").")]
    [InlineData(nameof(Row.Number), "Map it to a key: ml.Transforms.Conversion.MapValueToKey(\"Number\").")]
    [InlineData(nameof(Row.Three), "A row has one class. For several numbers per row, use ml.MetaLearning().Regression.")]
    [InlineData(
        nameof(Row.ByteKey), "Map the key again: ml.Transforms.Conversion.MapKeyToValue(\"ByteKey\"), then MapValueToKey(\"ByteKey\").")]
    public void Fit_WrongClasses_SaysWhatToWrite(string column, string advice) =>
        AssertAdvice(_ml.MetaLearning().FewShot(_episodes, labelColumnName: column), advice);

    [Theory]
    [InlineData(nameof(Row.Double), "Convert it: ml.Transforms.Conversion.ConvertType(\"Double\", outputKind: DataKind.Single).")]
    [InlineData(nameof(Row.Flag), "Convert it: ml.Transforms.Conversion.ConvertType(\"Flag\"")]
    [InlineData(nameof(Row.Text), "Targets are numbers. For classes, use ml.MetaLearning().Classification.")]
    [InlineData(nameof(Row.Three), "The learner predicts 1 number for each row.")]
    [InlineData(nameof(Row.NoLength), "Its length is not known")]
    public void Fit_WrongTargets_SaysWhatToWrite(string column, string advice) =>
        AssertAdvice(_ml.MetaLearning().FewShot(_regression, labelColumnName: column), advice);

    [Fact]
    public void GetOutputSchema_Promise_GivesTheSameAdvice()
    {
        var data = View();
        var trainer = _ml.MetaLearning().FewShot(_episodes, labelColumnName: nameof(Row.Flag));
        var estimator = _ml.Transforms.CopyColumns("Copy", nameof(Row.Text)).Append(trainer);

        var error = Assert.Throws<ArgumentOutOfRangeException>(() => estimator.GetOutputSchema(Shapes.Of(data)));

        Assert.Contains("For Boolean labels, use a task column", error.Message, StringComparison.Ordinal);
    }

    private void AssertAdvice(FewShotTrainer trainer, string advice)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => trainer.Fit(View()));
        Assert.Contains(advice, error.Message, StringComparison.Ordinal);
    }

    private IDataView View() => _ml.Data.LoadFromEnumerable([new Row()]);

    private sealed class Row
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [1, 2];

        public float Label { get; set; }

        public float[] NoLength { get; set; } = [1, 2];

        [VectorType(2)]
        public double[] Doubles { get; set; } = [1, 2];

        public double[] DoublesNoLength { get; set; } = [1, 2];

        [VectorType(3)]
        public float[] Three { get; set; } = [1, 2, 3];

        public float Number { get; set; }

        public double Double { get; set; }

        public string Text { get; set; } = "";

        public bool Flag { get; set; }

        [KeyType(3)]
        public byte ByteKey { get; set; } = 1;
    }
}
