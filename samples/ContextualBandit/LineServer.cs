using System.Text.Json;
using System.Text.Json.Serialization;

namespace MLNetMeta.Samples;

/// <summary>The service over standard input and output: a line of JSON for each request, and one for each answer. Wrong requests are answered with an error, and end nothing.</summary>
internal static class LineServer
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    private sealed record ChooseRequest(string Shop, float[] Context);

    private sealed record RewardRequest(string Shop, long Decision, float Reward);

    private sealed record ObserveRequest(string Shop, float[] Context, string Arm, float Reward);

    /// <summary>One of the three.</summary>
    private sealed record Request(ChooseRequest? Choose = null, RewardRequest? Reward = null, ObserveRequest? Observe = null);

    public static void Run(DecisionService service, TextReader input, TextWriter output)
    {
        while (input.ReadLine() is { } line)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                output.WriteLine(JsonSerializer.Serialize(Answer(service, line), _json));
                output.Flush();
            }
        }
    }

    private static object Answer(DecisionService service, string line)
    {
        try
        {
            switch (JsonSerializer.Deserialize<Request>(line, _json))
            {
                case { Choose: { } choose }:
                    var decision = service.Choose(choose.Shop, choose.Context);
                    return new { decision = decision.Id, arm = decision.Arm, expected = decision.Expected };
                case { Reward: { } reward }:
                    service.Reward(reward.Shop, reward.Decision, reward.Reward);
                    return new { taken = true };
                case { Observe: { } observe }:
                    service.Observe(observe.Shop, observe.Context, observe.Arm, observe.Reward);
                    return new { taken = true };
                default:
                    return new { error = "A request is one of {\"choose\":…}, {\"reward\":…} and {\"observe\":…}." };
            }
        }
        catch (JsonException exception)
        {
            return new { error = $"Not a request: {exception.Message}" };
        }
        catch (SampleException exception)
        {
            return new { error = exception.Message };
        }
    }
}
