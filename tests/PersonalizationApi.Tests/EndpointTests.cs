using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using MLNetMeta.Testing;
using MLNetMeta.Transforms;
using PersonalizationApi;
using Xunit;

namespace MLNetMeta.PersonalizationApi.Tests;

/// <summary>Every endpoint over HTTP, and what it says to requests that it refuses.</summary>
public sealed class EndpointTests : IDisposable
{
    private static readonly Blobs.Row[] _rows = Blobs.Classes(["walk", "run", "rest"], 8);

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, int, string> BadRequests => new()
    {
        { "", 400, "no readable body: expected {\"rows\":[{\"features\"" },
        { "{", 400, "not the JSON expected, at $ (line 1, byte 2)" },
        { "[]", 400, "not the JSON expected, at $" },
        { "{}", 400, "expected {\"rows\":[{\"features\"" },
        { """{"rows":null}""", 400, "at $.rows" },
        { """{"rows":[],"rows":[]}""", 400, "not the JSON expected" },
        { """{"rows":[]}""", 422, "1 to 500 rows, got 0" },
        { """{"rows":[null]}""", 422, "rows[0] is null" },
        { """{"rows":[{"features":[1,2]}]}""", 422, "rows[0].label" },
        { """{"rows":[{"features":[1,2],"label":""}]}""", 422, "rows[0].label" },
        { """{"rows":[{"features":[1,2],"label":7}]}""", 400, "at $.rows[0].label" },
        {
            """{"rows":[{"features":[1,2],"label":"a"},{"features":[1],"label":"b"}]}""", 422, "rows[1].features must have 2 numbers, got 1"
        },
        { """{"rows":[{"features":[1,NaN],"label":"a"}]}""", 400, "at $.rows[0].features[1]" },
        { """{"rows":[{"features":[1,"NaN"],"label":"a"}]}""", 400, "at $.rows[0].features[1]" },
        { """{"rows":[{"features":[1,1e300],"label":"a"}]}""", 422, "rows[0].features[1] is too large" },
        { """{"rows":[{"features":[1,2],"label":"a"},{"features":[2,1],"label":"a"}]}""", 422, "at least two classes" },
    };

    public void Dispose() => _folder.Dispose();

    /// <summary>On the processor, unless the native package and the machine have CUDA.</summary>
    [Fact]
    public async Task LearnAndPredict_CudaWithFallback_Serves()
    {
        await using var service = await Service.StartAsync(_folder, settings: "ExecutionProvider=Cuda:0 or Cpu");
        var health = await service.Client.GetFromJsonAsync<JsonElement>("health");
        Assert.Contains(health.GetProperty("executionProvider").GetString(), (string[])["Cpu", "Cuda:0"]);

        using var learned = await service.LearnAsync("ann", _rows[..9]);

        learned.EnsureSuccessStatusCode();
        Assert.Equal(_rows[..9].Select(row => row.Label), await service.LabelsAsync("ann", _rows[..9]));
    }

    [Fact]
    public async Task LearnAndPredict_Classes_AreTold()
    {
        await using var service = await Service.StartAsync(_folder);

        using var learned = await service.LearnAsync("ann", _rows[..9]);
        var predictions = await service.PredictionsAsync("ann", _rows);

        var answer = await learned.Content.ReadFromJsonAsync<LearnResponse>();
        Assert.Equal(("ann", 9), (answer!.User, answer.Rows));
        Assert.Equal(["walk", "run", "rest"], answer.Classes);
        Assert.Equal(_rows.Select(row => row.Label), predictions.Select(prediction => prediction.Label));
        Assert.All(predictions, prediction => Assert.Equal(1, prediction.Scores!.Values.Sum(), 1e-5f));
    }

    [Fact]
    public async Task Predict_Scores_AreThoseOfTheLibrary()
    {
        await using var service = await Service.StartAsync(_folder);
        using var learner = new TinyLearner().Load();
        var ml = new MLContext();
        using var model = ml.MetaLearning().FewShot(learner).Fit(Blobs.KeyedView(ml, _rows[..9]));
        using var learned = await service.LearnAsync("ann", _rows[..9]);

        var predictions = await service.PredictionsAsync("ann", _rows);

        Assert.Equal(
            model.Transform(Blobs.View(ml, _rows)).GetColumn<float[]>("Score"),
            predictions.Select(prediction => model.Classes.Select(name => prediction.Scores![name]).ToArray()));
    }

    [Fact]
    public async Task LearnAndPredict_Regression_PredictsValues()
    {
        await using var service = await Service.StartAsync(
            _folder, new TinyLearner { Task = MetaTask.Regression, Outputs = 2, Steps = 500 });
        var rows = Blobs.Targets(20, outputs: 2);

        using var learned = await service.Client.PostAsJsonAsync(
            "users/bob/learn", new { rows = rows.Select(row => new { row.Features, Targets = row.Label }) });
        var predictions = await service.PredictionsAsync("bob", rows.Select(row => new Blobs.Row { Features = row.Features }));

        learned.EnsureSuccessStatusCode();
        Assert.All(rows.Zip(predictions), pair => Assert.Equal(pair.First.Label[1], pair.Second.Values![1], 0.05f));
    }

    [Fact]
    public async Task Model_AsOnnx_PredictsTheSame()
    {
        await using var service = await Service.StartAsync(_folder);
        using var learned = await service.LearnAsync("ann", _rows[..9]);

        var onnx = await service.Client.GetByteArrayAsync(new Uri("users/ann/model.onnx", UriKind.Relative));

        using var session = new InferenceSession(onnx);
        using var input = OrtValue.CreateTensorValueFromMemory(_rows.SelectMany(row => row.Features).ToArray(), [_rows.Length, 2]);
        using var options = new RunOptions();
        using var outputs = session.Run(options, ["Features"], [input], ["PredictedLabel"]);
        Assert.Equal(await service.LabelsAsync("ann", _rows), outputs[0].GetStringTensorAsArray());
    }

    [Fact]
    public async Task HealthAndMetrics_SayWhatIsGoingOn()
    {
        await using var service = await Service.StartAsync(_folder);
        using var learned = await service.LearnAsync("ann", _rows[..9]);
        using var refused = await service.PredictAsync("nobody", _rows);

        var health = await service.Client.GetFromJsonAsync<JsonElement>("health");

        Assert.Equal("healthy", health.GetProperty("status").GetString());
        Assert.Equal("Cpu", health.GetProperty("executionProvider").GetString());
        Assert.Equal(1, await service.MetricAsync("learn_requests_total"));
        Assert.Equal(1, await service.MetricAsync("refused_requests_total"));
        Assert.Equal(1, await service.MetricAsync("cached_models"));
    }

    [Fact]
    public async Task Delete_User_Forgets()
    {
        await using var service = await Service.StartAsync(_folder);
        using var learned = await service.LearnAsync("ann", _rows[..9]);

        using var deleted = await service.Client.DeleteAsync(new Uri("users/ann", UriKind.Relative));
        using var again = await service.Client.DeleteAsync(new Uri("users/ann", UriKind.Relative));
        using var predicted = await service.PredictAsync("ann", _rows);

        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await AssertProblemAsync(again, 404, "ann");
        await AssertProblemAsync(predicted, 404, "learned nothing yet");
        Assert.Empty(Directory.GetFiles(_folder.File("users"), "*.json"));
    }

    [Theory]
    [MemberData(nameof(BadRequests))]
    public async Task Learn_BadRequest_SaysWhatIsWrong(string body, int status, string detail)
    {
        await using var service = await Service.StartAsync(_folder);
        using var content = new StringContent(body, Encoding.UTF8, "application/json");

        using var response = await service.Client.PostAsync(new Uri("users/ann/learn", UriKind.Relative), content);

        await AssertProblemAsync(response, status, detail);
        Assert.Empty(Directory.GetFiles(_folder.File("users"), "*.json"));
        Assert.Equal(0, await service.MetricAsync("cached_models"));
    }

    [Theory]
    [InlineData("""{"rows":[[1,2],null]}""", 422, "rows[1] must have 2 numbers, got 0")]
    [InlineData("""{"rows":[[1,2,3]]}""", 422, "rows[0] must have 2 numbers, got 3")]
    [InlineData("""{"rows":[[1e38,-1e38],[1,2]]}""", 200, "predictions")]
    public async Task Predict_BadRequest_SaysWhatIsWrong(string body, int status, string detail)
    {
        await using var service = await Service.StartAsync(_folder);
        using var learned = await service.LearnAsync("ann", _rows[..9]);
        using var content = new StringContent(body, Encoding.UTF8, "application/json");

        using var response = await service.Client.PostAsync(new Uri("users/ann/predict", UriKind.Relative), content);

        if (status != 200)
        {
            await AssertProblemAsync(response, status, detail);
        }
        else
        {
            Assert.True((int)response.StatusCode is 200 or 422, await response.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task Learn_RefusedTask_KeepsTheOldOne()
    {
        await using var service = await Service.StartAsync(_folder);
        using var learned = await service.LearnAsync("ann", _rows[..9]);

        using var refused = await service.LearnAsync("ann", [_rows[0]]);

        await AssertProblemAsync(refused, 422, "at least two classes");
        Assert.Equal(_rows.Select(row => row.Label), await service.LabelsAsync("ann", _rows));
    }

    [Fact]
    public async Task Learn_UnknownLabel_NamesTheKnown()
    {
        await using var service = await Service.StartAsync(_folder, new TinyLearner { Classes = ["walk", "run"] });

        using var response = await service.LearnAsync("ann", _rows[..9]);

        await AssertProblemAsync(response, 422, "'rest'", "'walk', 'run'");
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("..")]
    [InlineData("a%0A")]
    [InlineData("%2e%2e%2fetc")]
    [InlineData("é")]
    public async Task AnyEndpoint_OddUser_IsRefused(string user)
    {
        await using var service = await Service.StartAsync(_folder);

        using var response = await service.PredictAsync(user, _rows);

        Assert.InRange((int)response.StatusCode, 404, 422);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Learn_OversizedBody_IsRefused(bool withoutLength)
    {
        await using var service = await Service.StartAsync(_folder, null, "MaxBodyBytes=1000");
        using var request = new HttpRequestMessage(HttpMethod.Post, "users/ann/learn");
        request.Content = JsonContent.Create(
            new { rows = Enumerable.Repeat(_rows, 3).SelectMany(rows => rows).Select(row => new { row.Features, row.Label }) });
        if (withoutLength)
        {
            request.Headers.TransferEncodingChunked = true;
        }
        else
        {
            await request.Content.LoadIntoBufferAsync();
        }

        using var response = await service.Client.SendAsync(request);

        await AssertProblemAsync(response, 413, "at most 1000 bytes");
    }

    [Fact]
    public async Task Learn_TooManyRows_IsRefused()
    {
        await using var service = await Service.StartAsync(_folder, null, "MaxSupportRows=5");

        using var response = await service.LearnAsync("ann", _rows);

        await AssertProblemAsync(response, 422, "1 to 5 rows, got 24");
    }

    [Fact]
    public async Task Learn_WrongContentType_IsRefused()
    {
        await using var service = await Service.StartAsync(_folder);
        using var content = new StringContent("a,b", Encoding.UTF8, "text/csv");

        using var response = await service.Client.PostAsync(new Uri("users/ann/learn", UriKind.Relative), content);

        await AssertProblemAsync(response, 415, "");
    }

    [Theory]
    [InlineData("nothing/here", 404)]
    [InlineData("users/ann/learn", 405)]
    public async Task Get_NoSuchEndpoint_IsAProblem(string path, int status)
    {
        await using var service = await Service.StartAsync(_folder);

        using var response = await service.Client.GetAsync(new Uri(path, UriKind.Relative));

        await AssertProblemAsync(response, status, "");
    }

    [Fact]
    public void Create_WithoutLearner_SaysSo() =>
        Assert.Throws<FileNotFoundException>(() => PersonalizationService.Create(["--learner", "no such file.onnx"]));

    [Fact]
    public void Create_DamagedLearner_SaysSo()
    {
        File.WriteAllText(_folder.File("learner.onnx"), "not ONNX");

        Assert.Throws<FormatException>(() => PersonalizationService.Create(
            ["--learner", _folder.File("learner.onnx"), $"--Personalization:Folder={_folder.File("users")}"]));
    }

    [Fact]
    public void Create_LearnerOfANewerVersion_SaysSo()
    {
        var model = new TinyLearner().Model();
        model.MetadataProps.Single(property => property.Key == "mlnetmeta.version").Value = "3";
        File.WriteAllBytes(_folder.File("learner.onnx"), model.ToByteArray());

        var error = Assert.Throws<NotSupportedException>(() => PersonalizationService.Create(
            ["--learner", _folder.File("learner.onnx"), $"--Personalization:Folder={_folder.File("users")}"]));

        Assert.Contains("version 3", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Its metadata and its graph can be read, and ONNX Runtime cannot run it.</summary>
    [Fact]
    public void Create_LearnerThatDoesNotRun_SaysSo()
    {
        var model = new TinyLearner().Model();
        foreach (var node in model.Graph.Node.Where(node => node.OpType is "Softmax" or "Loop"))
        {
            node.OpType = "NoSuchOperator";
        }

        File.WriteAllBytes(_folder.File("learner.onnx"), model.ToByteArray());

        var error = Assert.ThrowsAny<Exception>(() => PersonalizationService.Create(
            ["--learner", _folder.File("learner.onnx"), $"--Personalization:Folder={_folder.File("users")}"]));

        Assert.True(error is InvalidDataException or FormatException, error.ToString());
    }

    [Fact]
    public void Output_OfTheService_HoldsNoLibtorch() =>
        Assert.DoesNotContain(
            Directory.EnumerateFiles(AppContext.BaseDirectory, "*", SearchOption.AllDirectories),
            file => file.Contains("torch", StringComparison.OrdinalIgnoreCase));

    /// <summary>The exporter knows ML.NET's images, and an app that has none need not have their package.</summary>
    [Fact]
    public void SaveAsOnnx_WithoutMLNetsImagePackage_ExportsPipelines()
    {
        Assert.False(File.Exists(Path.Combine(AppContext.BaseDirectory, "Microsoft.ML.ImageAnalytics.dll")));
        using var learner = new TinyLearner().Load();
        var ml = new MLContext();
        var rows = Blobs.KeyedView(ml, _rows);
        using var known = ml.Transforms.NormalizeMinMax("Features").Append(ml.MetaLearning().FewShot(learner)).Fit(rows);
        using var unknown = ml.Transforms.ApproximatedKernelMap("Features", rank: 2).Append(ml.MetaLearning().FewShot(learner)).Fit(rows);
        using var stream = new MemoryStream();

        ml.MetaLearning().SaveAsOnnx(known, rows.Schema, stream);

        using var session = new InferenceSession(stream.ToArray());
        Assert.Equal(["Features"], session.InputNames);
        Assert.Throws<NotSupportedException>(() => ml.MetaLearning().SaveAsOnnx(unknown, rows.Schema, Stream.Null));
    }

    private static async Task AssertProblemAsync(HttpResponseMessage response, int status, params string[] details)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(status == (int)response.StatusCode, $"{(int)response.StatusCode}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonSerializer.Deserialize<JsonElement>(text);
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.DoesNotMatch("PersonalizationApi|Request\\b|System\\.|Vector<|MapValueToKey|'Label'",
            problem.TryGetProperty("detail", out var said) ? said.GetString()! : "");
        foreach (var detail in details.Where(detail => detail.Length > 0))
        {
            Assert.Contains(detail, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }
}
