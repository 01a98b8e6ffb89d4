namespace MLNetMeta.Samples;

/// <summary>What the user can put right; printed without a stack trace.</summary>
internal sealed class SampleException(string message) : Exception(message);
