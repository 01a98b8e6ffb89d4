namespace MLNetMeta.Samples;

/// <summary>An error that the user can fix. It is printed without a stack trace.</summary>
internal sealed class SampleException(string message) : Exception(message);
