using System.Text.Json;
using MLNetMeta.Samples;
using MLNetMeta.Transforms;

namespace PersonalizationApi;

/// <summary>Refuses requests before any work, and says which row is wrong and what is expected.</summary>
internal sealed class RequestChecks(Settings settings, Learner learner)
{
    private const int MaxLabelLength = 200;

    public void Check(LearnRequest request)
    {
        CheckCount(request.Rows.Length, settings.MaxSupportRows);
        for (var row = 0; row < request.Rows.Length; row++)
        {
            if (request.Rows[row] is null)
            {
                throw ApiException.Invalid($"rows[{row}] is null.");
            }

            CheckNumbers($"rows[{row}].features", request.Rows[row].Features, learner.FeatureCount);
            if (learner.Task == MetaTask.Regression)
            {
                CheckNumbers($"rows[{row}].targets", request.Rows[row].Targets ?? [], learner.OutputCount!.Value);
            }
            else if (request.Rows[row].Label is not { Length: > 0 and <= MaxLabelLength })
            {
                throw ApiException.Invalid($"rows[{row}].label must be a text of 1 to {MaxLabelLength} characters.");
            }
        }
        if (learner.Task == MetaTask.Classification)
        {
            CheckLabels([.. request.Rows.Select(row => row.Label!).Distinct()]);
        }
    }

    public void Check(PredictRequest request)
    {
        CheckCount(request.Rows.Length, settings.MaxQueryRows);
        for (var row = 0; row < request.Rows.Length; row++)
        {
            CheckNumbers($"rows[{row}]", request.Rows[row], learner.FeatureCount);
        }
    }

    /// <summary>Checks the size of the answer before any work: the rows and the classes determine it.</summary>
    public void CheckAnswer(int rows, IReadOnlyList<string> classes)
    {
        const int frame = 50, number = 17; // Bytes: of {"label":…,"scores":{…},"values":null}, and of a float32 with its comma.
        long[] labels = [.. classes.Select(name => JsonEncodedText.Encode(name).EncodedUtf8Bytes.Length + 3L)];
        var row = frame + labels.Sum() + labels.DefaultIfEmpty().Max() + number * (learner.OutputCount ?? classes.Count);
        if (rows * row > settings.MaxAnswerBytes)
        {
            throw ApiException.Invalid(
                $"The answer to {rows} rows would have up to {rows * row} bytes, {row} for each row; at most {settings.MaxAnswerBytes} "
                + "are allowed. Send fewer rows at once, or use fewer or shorter labels.");
        }
    }

    private void CheckLabels(string[] labels)
    {
        if (learner.Classes.Count > 0)
        {
            if (Array.Find(labels, label => !learner.Classes.Contains(label)) is { } unknown)
            {
                var known = string.Join(", ", learner.Classes.Select(name => $"'{name}'"));
                throw ApiException.Invalid($"The learner has no label '{unknown}'; its labels are {Excerpt.Of(known, 1000)}.");
            }
        }
        else if (labels.Length < 2)
        {
            throw ApiException.Invalid($"All rows have the label '{labels[0]}': learning needs rows of at least two classes.");
        }
    }

    private static void CheckCount(int rows, int most)
    {
        if (rows == 0 || rows > most)
        {
            throw ApiException.Invalid($"A request must have 1 to {most} rows, got {rows}.");
        }
    }

    private static void CheckNumbers(string name, float[]? numbers, int count)
    {
        if (numbers?.Length != count)
        {
            throw ApiException.Invalid($"{name} must have {count} numbers, got {numbers?.Length ?? 0}.");
        }

        var index = Array.FindIndex(numbers, number => !float.IsFinite(number));
        if (index >= 0)
        {
            throw ApiException.Invalid($"{name}[{index}] is too large: numbers go up to 3.4e38.");
        }
    }
}
