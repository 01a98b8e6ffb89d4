namespace MLNetMeta.Reproduce.Tests;

/// <summary>Tests of commands that show a progress display, of which a console has one at a time.</summary>
internal static class ConsoleTests
{
    public const string Name = "shows progress on the console";
}
