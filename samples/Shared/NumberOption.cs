using System.CommandLine;

namespace MLNetMeta.Samples;

/// <summary>Whole numbers on the command line.</summary>
internal static class NumberOption
{
    /// <summary>Refuses numbers below <paramref name="minimum"/>. The message names the option.</summary>
    public static Option<int> AtLeast(int minimum, Option<int> option)
    {
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < minimum)
            {
                result.AddError($"{option.Name} must be at least {minimum}.");
            }
        });
        return option;
    }

    /// <summary>Parses comma-separated numbers of at least 1; null if the text has another form.</summary>
    public static int[]? List(string? text)
    {
        var numbers = (text ?? "").Split(',').Select(part => int.TryParse(part, out var number) ? number : 0).ToArray();
        return numbers.All(n => n >= 1) ? numbers : null;
    }

    /// <summary>Refuses text that is not a list of numbers.</summary>
    public static Option<string> OfNumbers(Option<string> option)
    {
        option.Validators.Add(result =>
        {
            if (List(result.GetValueOrDefault<string>()) is null)
            {
                result.AddError(
                    $"{option.Name} is '{result.GetValueOrDefault<string>()}'; it must be numbers of at least 1, separated by "
                    + "commas: 1,5");
            }
        });
        return option;
    }
}
