namespace MLNetMeta.Samples;

/// <summary>The beginning of a text that may be long, for messages.</summary>
internal static class Excerpt
{
    public static string Of(string text, int length = 60) => text.Length <= length ? text : $"{text[..length]}… ({text.Length} characters)";
}
