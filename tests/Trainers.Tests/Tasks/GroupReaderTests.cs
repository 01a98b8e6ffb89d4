using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Tasks;

/// <summary>Tasks are told apart by value, whatever the type of the column.</summary>
public sealed class GroupReaderTests
{
    private static readonly DateTime _time = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);

    private readonly MLContext _ml = new(1);

    [Theory]
    [InlineData("Text")]
    [InlineData("Flag")]
    [InlineData("Whole")]
    [InlineData("Real")]
    [InlineData("Time")]
    [InlineData("TimeWithOffset")]
    [InlineData("Span")]
    public void Read_OfValuesThatHardlyDiffer_TellsThemApart(string column)
    {
        var values = column == "Flag" ? 2 : 40;
        var rows = Enumerable.Range(0, 2 * values).Select(i => Row.Of(i % values)).ToArray();
        var data = TaskDataReader.Read(
            _ml.Data.LoadFromEnumerable(rows), new TaskColumns(IsClassification: false, "Label", "Feature", column),
            CancellationToken.None);
        Assert.Equal(Enumerable.Range(0, values).Select(i => new[] { i, i + values }), data.Groups);
        Assert.Distinct(data.GroupNames);
    }

    [Fact]
    public void Check_OfATaskColumnThatIsNoScalar_IsRefused()
    {
        var view = _ml.Data.LoadFromEnumerable([new Picture()]);
        var columns = new TaskColumns(IsClassification: false, "Label", "Feature", "Image");
        Action[] doors = [() => columns.Check(view.Schema), () => columns.Check(Shapes.Of(view.Schema))];
        Assert.All(doors, door => Assert.Contains(
            "Schema mismatch for task column 'Image': expected a scalar (text, a key or a number)",
            Assert.Throws<ArgumentOutOfRangeException>(door).Message, StringComparison.Ordinal));
    }

    private sealed class Row
    {
        public float Label { get; set; }

        public float Feature { get; set; }

        public string Text { get; set; } = "";

        public bool Flag { get; set; }

        public long Whole { get; set; }

        public double Real { get; set; }

        public DateTime Time { get; set; }

        public DateTimeOffset TimeWithOffset { get; set; }

        public TimeSpan Span { get; set; }

        public static Row Of(int value) => new()
        {
            Text = value % 2 == 0 ? $"a{value}" : $"A{value - 1}",
            Flag = value == 0,
            Whole = long.MaxValue - value,
            Real = 1 + (value * 2.5e-16),
            Time = _time.AddTicks(value),
            TimeWithOffset = new DateTimeOffset(_time).AddTicks(value),
            Span = TimeSpan.FromTicks(value),
        };
    }

    private sealed class Picture
    {
        public float Label { get; set; }

        public float Feature { get; set; }

        [Microsoft.ML.Transforms.Image.ImageType(2, 2)]
        public MLImage? Image { get; set; }
    }
}
