using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary>Links, modes and pipes as Linux has them.</summary>
internal sealed class UnixTheoryAttribute : TheoryAttribute
{
    public UnixTheoryAttribute()
    {
        if (!OperatingSystem.IsLinux())
        {
            Skip = "needs Linux";
        }
    }
}
