namespace MLNetMeta.Samples;

/// <summary>Shortens a text for messages: the beginning of a text that may be long.</summary>
internal static class Excerpt
{
    public static string Of(string text, int length = 60) => text.Length <= length ? text : $"{text[..length]}… ({text.Length} characters)";
}
