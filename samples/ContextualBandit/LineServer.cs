using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MLNetMeta.Samples;

/// <summary>
/// The service over standard input and output: one line of JSON for each request and each answer. A failed request gets an error as its
/// answer, and the service continues.
/// </summary>
internal static class LineServer
{
    /// <summary>Maximum number of bytes of a request.</summary>
    public const int MaximumLine = 1 << 20;

    private const string Forms = "A request is one of {\"choose\":{\"shop\":…,\"context\":[…]}}, "
        + "{\"reward\":{\"shop\":…,\"decision\":…,\"reward\":…}} and "
        + "{\"observe\":{\"shop\":…,\"context\":[…],\"arm\":…,\"reward\":…}}.";

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    private sealed record ChooseRequest(string Shop, float[] Context);

    private sealed record RewardRequest(string Shop, long Decision, float Reward);

    private sealed record ObserveRequest(string Shop, float[] Context, string Arm, float Reward);

    /// <summary>A request. Exactly one of the three is given.</summary>
    private sealed record Request(ChooseRequest? Choose = null, RewardRequest? Reward = null, ObserveRequest? Observe = null);

    /// <summary>Serves until the input ends or a stop is requested. The current line is still answered.</summary>
    public static async Task Run(DecisionService service, Stream input, TextWriter output, CancellationToken stop)
    {
        try
        {
            // A read of standard input cannot be cancelled, so the pending read is abandoned.
            while (await Task.Run(() => ReadLine(input), stop).WaitAsync(stop) is { } line)
            {
                if (!Array.TrueForAll(line, letter => letter <= ' '))
                {
                    await output.WriteLineAsync(Answer(service, line));
                    await output.FlushAsync(CancellationToken.None);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopped between two lines. Everything that was answered is on disk.
        }
    }

    /// <returns>The next line, cut off one byte after the allowed length; null at the end.</returns>
    private static byte[]? ReadLine(Stream input)
    {
        using var line = new MemoryStream();
        var next = input.ReadByte();
        if (next < 0)
        {
            return null;
        }

        for (; next >= 0 && next != '\n'; next = input.ReadByte())
        {
            if (line.Length <= MaximumLine)
            {
                line.WriteByte((byte)next);
            }
        }

        return line.ToArray();
    }

    private static string Answer(DecisionService service, byte[] line)
    {
        try
        {
            return JsonSerializer.Serialize(Serve(service, line), _json);
        }
        catch (Exception exception)
        {
            if (exception is not (JsonException or SampleException or IOException or UnauthorizedAccessException))
            {
                Console.Error.WriteLine(exception);
            }

            var error = exception is JsonException json
                ? $"Invalid request, at byte {json.BytePositionInLine} and {Excerpt.Of(json.Path ?? "$")}. {Forms}"
                : exception.Message;
            return JsonSerializer.Serialize(new { error }, _json);
        }
    }

    private static object Serve(DecisionService service, byte[] line)
    {
        if (line.Length > MaximumLine)
        {
            throw new SampleException($"A request may have at most {MaximumLine} bytes.");
        }

        // Some shells begin their output with a byte order mark.
        switch (JsonSerializer.Deserialize<Request>(line.AsSpan().TrimStart(Encoding.UTF8.Preamble), _json))
        {
            case { Choose: { } choose, Reward: null, Observe: null }:
                var decision = service.Choose(choose.Shop, choose.Context);
                return new { decision = decision.Id, arm = decision.Arm, expected = decision.Expected };
            case { Reward: { } reward, Choose: null, Observe: null }:
                service.Reward(reward.Shop, reward.Decision, reward.Reward);
                return new { taken = true };
            case { Observe: { } observe, Choose: null, Reward: null }:
                service.Observe(observe.Shop, observe.Context, observe.Arm, observe.Reward);
                return new { taken = true };
            default:
                throw new SampleException(Forms);
        }
    }
}
