using System.Text.RegularExpressions;
using MLNetMeta.Transforms;

namespace PersonalizationApi;

/// <summary>Refuses requests before any work, and says which row is wrong and what is expected.</summary>
internal sealed partial class RequestChecks(Settings settings, Learner learner)
{
    private const int MaxLabelLength = 200;

    public static void CheckUser(string user)
    {
        if (!UserPattern().IsMatch(user))
            throw ApiException.Invalid("A user is named by 1 to 64 letters (a to z), digits, '-' and '_'.");
    }

    public void Check(LearnRequest request)
    {
        CheckCount(request.Rows.Length, settings.MaxSupportRows);
        for (var row = 0; row < request.Rows.Length; row++)
        {
            if (request.Rows[row] is null)
                throw ApiException.Invalid($"Rows[{row}] is null.");
            CheckNumbers($"Rows[{row}].Features", request.Rows[row].Features, learner.FeatureCount);
            if (learner.Task == MetaTask.Regression)
                CheckNumbers($"Rows[{row}].Targets", request.Rows[row].Targets ?? [], learner.OutputCount!.Value);
            else if (request.Rows[row].Label is not { Length: > 0 and <= MaxLabelLength })
                throw ApiException.Invalid($"Rows[{row}].Label must be a text of 1 to {MaxLabelLength} characters.");
        }
    }

    public void Check(PredictRequest request)
    {
        CheckCount(request.Rows.Length, settings.MaxQueryRows);
        for (var row = 0; row < request.Rows.Length; row++)
            CheckNumbers($"Rows[{row}]", request.Rows[row], learner.FeatureCount);
    }

    private static void CheckCount(int rows, int most)
    {
        if (rows == 0 || rows > most)
            throw ApiException.Invalid($"A request has 1 to {most} rows, got {rows}.");
    }

    private static void CheckNumbers(string name, float[]? numbers, int count)
    {
        if (numbers?.Length != count)
            throw ApiException.Invalid($"{name} must have {count} numbers, got {numbers?.Length ?? 0}.");
        var index = Array.FindIndex(numbers, number => !float.IsFinite(number));
        if (index >= 0)
            throw ApiException.Invalid($"{name}[{index}] is too large for a number of type float32.");
    }

    [GeneratedRegex(@"^[A-Za-z0-9_-]{1,64}\z")]
    private static partial Regex UserPattern();
}
