using System.Xml.Linq;
using Microsoft.ML;
using MLNetMeta.Testing;
using MLNetMeta.Trainers.Evaluation;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Evaluation;

public sealed class MetaTrainingReportTests
{
    [Fact]
    public void ToHtml_OfATraining_ShowsCurvesEvaluationsAndTheTasksThatWentWorst()
    {
        var ml = new MLContext(1);
        var history = new MetaTrainingHistory();
        using var learner = TinyTraining.Regression(TinyTraining.OfRegression().WithTraining(t => t with { Progress = history }));
        var metrics = ml.MetaLearning().Regression.Evaluate(
            learner, ManyTasks.View(ml, ManyTasks.Sinusoids(20, 12, seed: 2)),
            new FewShotEvaluationOptions { Tasks = TinyTraining.Tasks, NumberOfEpisodes = 200 });
        using var folder = new TemporaryFolder();
        var report = new MetaTrainingReport
        {
            Title = "A <b>title</b> & more", History = history, Evaluations = [("5 rows", metrics), ("none & never", metrics)],
        };
        report.Save(folder.File("report.html"));
        var html = File.ReadAllText(folder.File("report.html"));

        Assert.Contains("<h1>A &lt;b&gt;title&lt;/b&gt; &amp; more</h1>", html, StringComparison.Ordinal);
        Assert.Contains("6 of at most 6 meta-steps", html, StringComparison.Ordinal);
        Assert.Contains("Gained over no meta-training: ", html, StringComparison.Ordinal);
        Assert.Contains("none &amp; never", html, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        // Loss, gain, gradients and rate; a regression has no accuracy.
        Assert.Equal(
            ["Loss of tasks after adaptation", "Gain over no meta-training", "Norms of gradients", "Meta-learning rate"],
            Charts(html).Select(chart => (string?)chart.Attribute("aria-label")));

        var worst = metrics.ByTask();
        var last = worst.Rows.Count - 1;
        Assert.Equal(20, worst.Rows.Count);
        var table = html[html.IndexOf("Tasks that went worst", StringComparison.Ordinal)..];
        // The largest error first, ten of them.
        var place = table.IndexOf($"<td>{worst["Task"][last]}</td>", StringComparison.Ordinal);
        Assert.True(place > 0 && place < table.IndexOf($"<td>{worst["Task"][last - 1]}</td>", StringComparison.Ordinal));
        Assert.Equal(10, table.Split("<tr>").Length - 1);
        Assert.DoesNotContain($"<td>{worst["Task"][0]}</td>", table, StringComparison.Ordinal);
    }

    [Fact]
    public void ToHtml_OfNothing_SaysSo()
    {
        var html = new MetaTrainingReport { History = new MetaTrainingHistory() }.ToHtml();
        Assert.Contains("No meta-step was reported", html, StringComparison.Ordinal);
        Assert.Empty(Charts(html));
    }

    [Fact]
    public void ToSvg_OfLines_DrawsThemInsideTheAxes()
    {
        var chart = new LineChart("t", "x", isLogarithmic: true)
            .Line("a", [(0, 1), (10, 100), (20, null), (30, 0), (40, 10)]).Line("none", [(0, null), (1, -1)]);
        var svg = XElement.Parse(chart.ToSvg());
        var line = Assert.Single(svg.Elements(), element => element.Name.LocalName == "polyline");
        var points = ((string)line.Attribute("points")!).Split(' ').Select(p => p.Split(',').Select(float.Parse).ToArray()).ToArray();
        // 0 to 40 across, 1 to 100 in decades from the bottom up: missing and zero are left out.
        Assert.Equal([[64, 256], [204, 34], [624, 145]], points);
        Assert.Equal(
            ["1", "2", "5", "10", "20", "50", "100", "0", "10", "20", "30", "40", "x"],
            svg.Elements().Where(element => (string?)element.Attribute("class") == "tick").Select(element => element.Value).SkipLast(1));
        Assert.Equal("", new LineChart("t", "x").Line("none", [(0, double.NaN)]).ToSvg());
    }

    [Fact]
    public void ByTask_OfEpisodesOfTasks_MeansThemAndTheLowestFirst()
    {
        var metrics = new FewShotMetrics("Accuracy", [0.5, 1, 0.25, 0.5]) { Tasks = ["b", "a", "b", "a"] };
        var byTask = metrics.ByTask();
        Assert.Equal(["b", "a"], byTask["Task"].Cast<string>());
        Assert.Equal([0.375, 0.75], byTask["Accuracy"].Cast<double>());
        Assert.Equal([2, 2], byTask["Episodes"].Cast<int>());
        Assert.Equal(["Episode", "Task", "Accuracy"], metrics.ToDataFrame().Columns.Select(column => column.Name));
        Assert.Equal(["b", "b"], new FewShotMetrics("Accuracy", [1, 1, 0, 0]) { Tasks = ["b", "b", "b", "b"] }.MeansOf(2).Tasks);
        Assert.Empty(new FewShotMetrics("Accuracy", [1]).ByTask().Rows);
    }

    private static XElement[] Charts(string html) =>
    [
        .. html.Split("<svg").Skip(1)
            .Select(part => XElement.Parse("<svg" + part[..(part.IndexOf("</svg>", StringComparison.Ordinal) + 6)])),
    ];
}
