using System.Reflection;
using Microsoft.ML.Data;

namespace MLNetMeta.Transforms.Columns;

/// <summary>Finds a private static generic method for an item type that is known only at run time.</summary>
internal static class ItemMethod
{
    /// <param name="owner">The type that declares the method.</param>
    /// <param name="name">Name of a private static method with one type parameter.</param>
    /// <param name="item">The value of the type parameter: the type of a column's items.</param>
    public static TDelegate Of<TDelegate>(Type owner, string name, DataViewType item)
        where TDelegate : Delegate => owner.GetMethod(name, BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(item.RawType).CreateDelegate<TDelegate>();
}
